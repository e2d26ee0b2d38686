import { readFile } from 'node:fs/promises';
import type { Cluster, Redis } from 'ioredis';

/** File name under redis/ and number of keys, by command name. */
const SCRIPTS = {
  corbelPut: { file: 'put.lua', numberOfKeys: 4 },
  corbelPutAll: { file: 'put-all.lua', numberOfKeys: 2 },
  corbelDelete: { file: 'delete.lua', numberOfKeys: 4 },
  corbelList: { file: 'list.lua', numberOfKeys: 1 },
  corbelFind: { file: 'find.lua', numberOfKeys: 1 },
  corbelAcquireLease: { file: 'acquire-lease.lua', numberOfKeys: 2 },
  corbelRenewLease: { file: 'renew-lease.lua', numberOfKeys: 1 },
  corbelReleaseLease: { file: 'release-lease.lua', numberOfKeys: 1 },
  corbelIncrement: { file: 'increment.lua', numberOfKeys: 1 },
} as const;

export type ScriptName = keyof typeof SCRIPTS;

/** The scripts as ioredis wants them (`scripts` option; it sends the text once per connection, then only the digest). */
export type RedisScripts = Record<ScriptName, { lua: string; numberOfKeys: number }>;

/** Reads the Lua files. */
export async function loadScripts(): Promise<RedisScripts> {
  const names = Object.keys(SCRIPTS) as ScriptName[];
  const loaded = await Promise.all(
    names.map(async (name) => {
      const { file, numberOfKeys } = SCRIPTS[name];
      const lua = await readFile(new URL(`./redis/${file}`, import.meta.url), 'utf8');
      return [name, { lua, numberOfKeys }] as const;
    }),
  );
  return Object.fromEntries(loaded) as RedisScripts;
}

/** Runs a script: its keys, then its arguments. */
export async function runScript(
  client: Redis | Cluster,
  name: ScriptName,
  ...keysAndArguments: (string | number)[]
): Promise<unknown> {
  // ioredis adds the commands at run time, so that its types do not know them.
  const commands = client as unknown as Record<ScriptName, (...args: (string | number)[]) => Promise<unknown>>;
  return await commands[name](...keysAndArguments);
}
