import { parseDocument } from 'yaml';
import { OpenApiFailure } from './failure.ts';
import { isObject, type Json, objectOf, textOf } from './json.ts';

/** An OpenAPI file as plain values. They may be shared and circular: walk them with a bound. */
export interface OpenApiDocument {
  readonly root: Json;
  /** As its `info` says it: title and version. */
  readonly name: string;
}

/** The largest published descriptions have 12 MB. */
export const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
// A schema is nested about 20 levels deep at most when it is written by hand, 100 when it is generated.
const MAX_DOCUMENT_DEPTH = 500;
// The largest published YAML has 4 MB; its parser takes a second for each.
const MAX_YAML_BYTES = 8 * 1024 * 1024;
// A YAML file that is written with anchors has some hundreds.
const MAX_YAML_ALIASES = 10_000;

/**
 * Reads an OpenAPI 3.0 or 3.1 description, YAML or JSON. Throws {@link OpenApiFailure} for what is none, is too large or too
 * deep, or is of another version.
 */
export function readDocument(text: string): OpenApiDocument {
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES)
    throw new OpenApiFailure(`The file is larger than ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB.`);
  const root = parse(text);
  if (!isObject(root)) throw new OpenApiFailure('The file is no OpenAPI description: it is no object.');
  if ('swagger' in root)
    throw new OpenApiFailure(
      `The file is Swagger ${String(root.swagger)}; OpenAPI 3.0 and 3.1 can be imported.`,
      'Convert it first, for example with: npx swagger2openapi --yaml --outfile openapi.yaml FILE',
    );
  if (!/^3\.[01]\.\d+/.test(String(root.openapi)))
    throw new OpenApiFailure(
      root.openapi === undefined
        ? 'The file is no OpenAPI description: "openapi" is missing.'
        : `OpenAPI ${String(root.openapi).slice(0, 20)} is not known; 3.0 and 3.1 can be imported.`,
    );
  assertBounded(root);
  const { title, version } = objectOf(root.info);
  const name = [textOf(title) ?? 'untitled', typeof version === 'number' ? String(version) : textOf(version)];
  return {
    root,
    name: name
      .filter((part) => part !== undefined)
      .join(' ')
      .slice(0, 100),
  };
}

function parse(text: string): unknown {
  const source = text.replace(/^\uFEFF/, '');
  if (source.trimStart().startsWith('{')) {
    try {
      return JSON.parse(source);
    } catch {
      // YAML has braces, too; its parser tells line and column.
    }
  }
  if (Buffer.byteLength(source) > MAX_YAML_BYTES)
    throw new OpenApiFailure(
      `The file is larger than ${MAX_YAML_BYTES / 1024 / 1024} MB of YAML.`,
      'Convert it to JSON first.',
    );
  if (nestsTooDeep(source)) throw new OpenApiFailure(`The file is nested deeper than ${MAX_DOCUMENT_DEPTH} levels.`);
  try {
    const document = parseDocument(source, {
      version: '1.2',
      uniqueKeys: false,
      prettyErrors: true,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error) throw new OpenApiFailure(`The file is neither JSON nor YAML: ${error.message.split('\n')[0]}`);
    return document.toJS({ maxAliasCount: MAX_YAML_ALIASES });
  } catch (error) {
    if (error instanceof OpenApiFailure) throw error;
    // A stack that deep nesting exhausted, or aliases that stand for too much.
    throw new OpenApiFailure('The file cannot be read: it is nested too deeply or has too many aliases.');
  }
}

/** A cheap look at brackets before the parser, which recurses and takes its time for each level. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    // Prose has brackets that are never closed; lines that begin with one are no prose.
    else if (character === '\n' && !/[[\]{},\s]/.test(text[at + 1] ?? '')) depth = 0;
    if (depth > MAX_DOCUMENT_DEPTH) return true;
  }
  return false;
}

function assertBounded(root: Json): void {
  const seen = new WeakSet<object>();
  const waiting: [value: object, depth: number][] = [[root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next;
    if (seen.has(value)) continue;
    seen.add(value);
    if (depth > MAX_DOCUMENT_DEPTH)
      throw new OpenApiFailure(`The file is nested deeper than ${MAX_DOCUMENT_DEPTH} levels.`);
    for (const below of Object.values(value))
      if (typeof below === 'object' && below !== null) waiting.push([below, depth + 1]);
  }
}
