/** What counting costs a call, in microseconds of CPU: `node bench/telemetry.ts`. Compare with a call's own, `npm run bench`. */
import { pino } from 'pino';
import { systemClock } from '../src/clock.ts';
import { systemRandom } from '../src/random.ts';
import type { CallFigures } from '../src/telemetry/call-figures.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { createUsageWriter } from '../src/telemetry/usage-writer.ts';

const CALLS = 1_000_000;
const store = { putAll: async () => {} };
const usage = createUsageWriter({ store, clock: systemClock, random: systemRandom, logger: pino({ level: 'silent' }) });
const registry = { hash: '', connectors: new Map(), actions: new Map() } as never;
const metrics = createMetrics({ registry: () => registry, running: () => [], version: '0' });
const attempted = metrics.attempted('call');
const figures = (call: number): CallFigures => ({
  ...{ project: 'prj', account: `acc_${call % 100}`, profile: 'prf', action: `x_action_${call % 50}`, connector: 'x' },
  ...{
    code: null,
    corbelMs: 0.2 + (call % 13) / 10,
    providerMs: 50 + (call % 400),
    waitsMs: {},
    limits: new Map([['x', 'prf_p']]),
  },
});

const parts: [string, (call: number, made: CallFigures) => void][] = [
  ['making the figures', () => {}],
  ['usage', (_call, made) => usage.add(made)],
  ['metrics of a call', (_call, made) => metrics.called(made)],
  ['metrics of a request', (call) => attempted('host', { number: 1, startedAt: call, durationMs: 50, status: 200 })],
];
for (const round of ['warm-up', 'measured']) {
  for (const [name, part] of parts) {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) part(call, figures(call));
    const { user, system } = process.cpuUsage(before);
    if (round === 'measured') console.log(`${name.padEnd(24)} ${((user + system) / CALLS).toFixed(2)} µs`);
  }
}
await usage.close();
process.exit(0);
