import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Action } from '../../connector/connector.ts';
import type { ActionFormat, ConnectorFormat } from '../../connector/format.ts';
import type { Path } from '../../connector/yaml-file.ts';
import { type Place, parseSource, type SourceFile } from './source-file.ts';

/** An action as it stands in its file, and what it takes over from its connector's. */
export interface Declaration {
  readonly action: ActionFormat;
  readonly connector: ConnectorFormat;
  /** Of a part of the action. */
  place(path: Path, offset?: number): Place;
  /** Of a part of connector.yaml. */
  connectorPlace(path: Path, offset?: number): Place;
}

/** Reads the files of an action that was loaded from `directory`; places are told as seen from `cwd`. */
export async function readDeclaration(directory: string, cwd: string, action: Action): Promise<Declaration> {
  const folder = join(directory, action.connector);
  const connector = await open(cwd, [join(folder, 'connector.yaml')]);
  const file = join(folder, 'actions', action.resource);
  const actions = await open(cwd, [`${file}.yaml`, `${file}.yml`]);
  const declared = actions.value as readonly ActionFormat[];
  const index = declared.findIndex(({ id }) => `${action.connector}_${id}` === action.id);
  const own = declared[index];
  if (!own) throw new Error(`${action.id} does not stand in ${relative(cwd, file)} any more`);
  return {
    action: own,
    connector: connector.value as ConnectorFormat,
    place: (path, offset) => actions.place([index, ...path], offset),
    connectorPlace: connector.place,
  };
}

async function open(cwd: string, paths: readonly string[]): Promise<SourceFile> {
  let failure: unknown;
  for (const path of paths) {
    try {
      return parseSource(relative(cwd, path), await readFile(path, 'utf8'));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
