import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { type Static, Type } from 'typebox';
import { ConnectorError, type Diagnostic } from '../../connector/diagnostics.ts';
import { createFormatCheck } from '../../connector/format-check.ts';
import { parseYamlFile, type YamlFile } from '../../connector/yaml-file.ts';

const strict = { additionalProperties: false } as const;
const Filled = Type.String({ minLength: 1, description: '${name} is the member of that name of the ready line.' });

const SandboxFormat = Type.Object(
  {
    program: Type.String({ minLength: 1, description: 'Script for Node.js, below the folder of this file.' }),
    arguments: Type.Optional(Type.Array(Type.String())),
    stands_in_for: Type.Array(Type.String({ pattern: '^https?://' }), {
      minItems: 1,
      description: 'Origins of the provider in whose place the program is called.',
    }),
    ready: Type.Optional(
      Type.String({
        description:
          'The program says that it listens with a line of JSON on its standard output, and where by its member of this name. Default: origin.',
      }),
    ),
    profile: Type.Optional(
      Type.Object(
        { authentication: Type.String(), client_id: Filled, client_secret: Type.Optional(Filled) },
        { ...strict, description: 'Credentials that the program accepts.' },
      ),
    ),
    account: Type.Optional(
      Type.Object(
        {
          settings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          credential: Type.Optional(Type.Record(Type.String(), Filled)),
        },
        { ...strict, description: 'The account that is linked.' },
      ),
    ),
    try: Type.Optional(
      Type.Object(
        { action: Type.String(), inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
        { ...strict, description: 'A first call, by the local id of its action.' },
      ),
    ),
  },
  strict,
);

/** `sandboxes.yaml`: programs that stand in for providers, by the id of the connector. */
const SandboxesFormat = Type.Record(Type.String({ pattern: '^[a-z0-9_]+$' }), SandboxFormat, strict);

export type SandboxProgram = Static<typeof SandboxFormat>;

/** The programs of a file, by connector; their scripts with absolute paths. None when there is no file. */
export async function readSandboxFile(path: string): Promise<ReadonlyMap<string, SandboxProgram>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return new Map();
  const parsed = parseYamlFile(relative(process.cwd(), path), text);
  if (Array.isArray(parsed)) throw new ConnectorError(parsed);
  const faults = createFormatCheck(SandboxesFormat)(parsed);
  if (faults.length > 0) throw new ConnectorError(faults);
  return programsOf(parsed, dirname(resolve(path)));
}

function programsOf(file: YamlFile, folder: string): Map<string, SandboxProgram> {
  const faults: Diagnostic[] = [];
  const programs = new Map<string, SandboxProgram>();
  for (const [connector, declared] of Object.entries(file.value as Static<typeof SandboxesFormat>)) {
    const program = resolve(folder, declared.program);
    if (!program.startsWith(folder + sep))
      faults.push(file.at([connector, 'program'], 'FMT003', 'must be below the folder of this file'));
    for (const [index, origin] of declared.stands_in_for.entries()) {
      if (!URL.canParse(origin) || new URL(origin).origin !== origin)
        faults.push(file.at([connector, 'stands_in_for', index], 'FMT003', 'is not an origin'));
    }
    programs.set(connector, { ...declared, program });
  }
  if (faults.length > 0) throw new ConnectorError(faults);
  return programs;
}
