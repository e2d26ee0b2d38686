import { Secret } from '../../../src/secret.ts';
import { openRecord, sealRecord } from '../../../src/vault/sealed-records.ts';
import { openStore, vaultOf } from './fixture.ts';

// Until told to stop: reads a random profile, writes its secret anew under the next generation, and counts what was
// acknowledged per profile.
const [, , path = '', ring = '', partition = '', countText = '0'] = process.argv;
const count = Number(countText);
const store = await openStore(path);
const vault = vaultOf(ring);
const acknowledged = new Array<number>(count).fill(0);
let stopping = false;
process.once('message', () => {
  stopping = true;
});
process.send?.('started');
while (!stopping) {
  const index = Math.floor(Math.random() * count);
  const key = { partition, kind: 'connector_profile', id: `p${index}` };
  const record = await store.get(key);
  if (!record) throw new Error('a profile is missing');
  const { generation } = openRecord(vault, key, record.value);
  const next = { generation: generation + 1, client_secret: new Secret(`secret-${index}-${generation + 1}`) };
  const written = await store.put(key, sealRecord(vault, key, next), { expectedVersion: record.version });
  if (written.ok) acknowledged[index] = (acknowledged[index] ?? 0) + 1;
  await new Promise((resolve) => setImmediate(resolve));
}
process.send?.(acknowledged);
await store.close();
process.disconnect();
