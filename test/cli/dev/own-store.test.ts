import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ensureDevKeys } from '../../../src/cli/dev/dev-keys.ts';
import { devSettings } from '../../../src/cli/dev/dev-settings.ts';
import { systemClock } from '../../../src/clock.ts';
import { ensureFirstStart } from '../../../src/first-start.ts';
import { systemRandom } from '../../../src/random.ts';
import { openStore } from '../../../src/store/open.ts';
import { parseKeyRing } from '../../../src/vault/key-ring.ts';
import { createVault } from '../../../src/vault/vault.ts';
import { temporaryDirectory } from './support.ts';

const OPTIONS = { cwd: '/', directory: '/connectors', port: undefined, data: undefined, sandbox: true };

it('works on no shared store: sandboxes would get the credentials of its accounts', () => {
  const env = {
    CORBEL_STORE: 'redis://127.0.0.1:1',
    CORBEL_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  expect(() => devSettings(env, OPTIONS)).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(devSettings({}, OPTIONS).dataDirectory).toBe('/.corbel-dev');
});

it('works on no store of a server, and again on its own', async () => {
  const folder = await temporaryDirectory('corbel-own-store-');
  onTestFinished(folder.remove);
  const vault = createVault(parseKeyRing(`k1:${randomBytes(32).toString('base64')}`), systemRandom);
  const opened = async (name: string) => {
    const url = `sqlite:${join(folder.path, name)}`;
    const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: false });
    onTestFinished(() => store.close());
    return { store, vault, clock: systemClock, random: systemRandom };
  };
  const server = await opened('server.db');
  await ensureFirstStart({ ...server, announce: () => {} });
  await expect(ensureDevKeys(server)).rejects.toMatchObject({ exitCode: 2 });

  const own = await opened('own.db');
  const made = await ensureDevKeys(own);
  expect((await ensureDevKeys(own)).operator.reveal()).toBe(made.operator.reveal());
});
