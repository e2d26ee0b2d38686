import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Settings } from '../../settings.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

const OTHERS_MAY_READ = 0o044;
const OTHERS_MAY_WRITE = 0o022;
const MIB = 1024 * 1024;
// The journal of grants and the log of the embedded store must always find room.
const LEAST_FREE_BYTES = 100 * MIB;
const LITTLE_FREE_BYTES = 1024 * MIB;

/** Who may read and write what the server keeps, and whether there is room for it. What is not there yet is passed over. */
export async function checkFiles(
  settings: Settings,
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Finding[]> {
  const data = resolve(cwd, settings.dataDirectory);
  const secrets = [
    join(data, 'encryption.key'),
    ...['CORBEL_ENCRYPTION_KEYS_FILE', 'CORBEL_STORE_FILE'].flatMap((name) => env[name] ?? []),
  ];
  const url = settings.store.reveal();
  const found = await Promise.all([
    ...secrets.map((path) => checkSecret('key file', resolve(cwd, path))),
    checkSecret('.env', resolve(cwd, '.env')),
    checkFolder('data folder', data),
    checkFolder('journal folder', join(data, 'grant-journal')),
    ...(url.startsWith('sqlite:') ? [checkSecret('store file', resolve(cwd, url.slice('sqlite:'.length)))] : []),
    checkSpace(data),
  ]);
  return found.flat();
}

async function checkSecret(check: string, path: string): Promise<Finding[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return [];
  const mode = (found.mode & 0o777).toString(8);
  if ((found.mode & (OTHERS_MAY_READ | OTHERS_MAY_WRITE)) === 0) return [ok(check, `${path}, mode ${mode}`)];
  return [fault(check, `${path} is open to others than its owner (mode ${mode})`, `Run: chmod 600 ${path}`)];
}

async function checkFolder(check: string, path: string): Promise<Finding[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  const remedy = `Run: chmod 700 ${path}`;
  const mode = (found.mode & 0o777).toString(8);
  if (!found.isDirectory()) return [fault(check, `${path} is no folder`, 'Set CORBEL_DATA_DIR to a folder.')];
  if ((found.mode & OTHERS_MAY_WRITE) !== 0)
    return [fault(check, `${path} can be written by others than its owner (mode ${mode})`, remedy)];
  const mine = await access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!mine)
    return [fault(check, `${path} cannot be written by this user`, 'Run this as the user of the server, or chown it.')];
  if ((found.mode & OTHERS_MAY_READ) !== 0)
    return [warning(check, `${path} can be listed by others than its owner (mode ${mode})`, remedy)];
  return [ok(check, `${path}, mode ${mode}`)];
}

async function checkSpace(path: string): Promise<Finding[]> {
  const existing = await nearest(path);
  const { bavail, bsize } = await statfs(existing);
  return [spaceFinding(bavail * bsize, existing)];
}

/** What to say of that much free space. */
export function spaceFinding(bytes: number, path: string): Finding {
  const message = `${Math.round(bytes / MIB).toLocaleString('en')} MiB free at ${path}`;
  const remedy = 'Make room: a full disk stops the embedded store and the journal of grants.';
  if (bytes < LEAST_FREE_BYTES) return fault('disk', message, remedy);
  return bytes < LITTLE_FREE_BYTES ? warning('disk', message, remedy) : ok('disk', message);
}

async function nearest(path: string): Promise<string> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  return there || dirname(path) === path ? path : nearest(dirname(path));
}
