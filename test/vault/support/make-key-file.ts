import { systemRandom } from '../../../src/random.ts';
import { loadOrCreateKeyFile } from '../../../src/vault/key-ring.ts';

const [, , path = ''] = process.argv;
const ring = await loadOrCreateKeyFile(path, systemRandom);
process.send?.(`${ring.primaryId}:${ring.key(ring.primaryId)?.export().toString('base64')}`);
process.disconnect();
