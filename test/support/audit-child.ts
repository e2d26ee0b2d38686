import { pino } from 'pino';
import { createAudit } from '../../src/audit/audit.ts';
import { auditEntry, SERVER } from '../../src/audit/entries.ts';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault } from '../../src/vault/vault.ts';

/**
 * A process that writes an audit trail, for the tests: `node audit-child.ts <url> <key ring> <project> <writers> <each>`. Says
 * the id of every entry before it is written (`begun`) and when it has its place (`done`). `each` 0: until it is killed.
 */
const [url = '', keys = '', project = '', writers = '1', each = '0'] = process.argv.slice(2);

const environment = { clock: systemClock, random: systemRandom, logger: pino({ level: 'silent' }) };
const store = await openStore({ url, ...environment, allowVolatile: true });
const vault = createVault(parseKeyRing(keys), systemRandom);
const audit = createAudit({ store, vault, ...environment }, { retentionMs: 0, upkeep: false });

async function write(): Promise<void> {
  for (let count = 0; each === '0' || count < Number(each); count += 1) {
    const entry = auditEntry(environment, SERVER, { action: 'thing.changed', target: null });
    await audit.begin(project, entry);
    process.stdout.write(`begun ${entry.id}\n`);
    await audit.finish(project, entry);
    process.stdout.write(`done ${entry.id}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, write));
await audit.close();
await store.close();
