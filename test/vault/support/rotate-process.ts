import { rotate } from '../../../src/vault/rotate.ts';
import { openStore, vaultOf } from './fixture.ts';

const [, , path = '', ring = '', partition = ''] = process.argv;
const store = await openStore(path);
const result = await rotate(store, vaultOf(ring), {
  partitions: (async function* () {
    yield partition;
  })(),
  onProgress: ({ resealed }) => {
    if (resealed === 100) process.send?.('under way');
  },
});
process.send?.(result);
await store.close();
process.disconnect();
