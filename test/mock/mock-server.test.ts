import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createMockProvider, type MockRecord } from '../../src/mock/mock-provider.ts';
import { startMockServer } from '../../src/mock/mock-server.ts';
import { changed, type Files } from '../connector/support/sources.ts';
import { registryOf, SHOP } from '../local/support/shop.ts';

async function serverOf(files: Files, delayMs = 0) {
  const records: MockRecord[] = [];
  const provider = createMockProvider(registryOf(files).connector, () => 0);
  const server = await startMockServer(provider, {
    ...{ host: '127.0.0.1', port: 0, delayMs, clock: systemClock },
    onAnswer: (record) => records.push(record),
  });
  onTestFinished(() => server.close());
  return { ...server, records };
}

describe('a mock over HTTP', () => {
  it('listens on the loopback, and holds answers back as long as asked', async () => {
    const { origin, address, records } = await serverOf(SHOP, 60);
    expect(address).toBe('127.0.0.1');
    const begun = performance.now();
    const answer = await fetch(`${origin}/orders/o1`, { headers: { 'x-region': 'US' } });
    // Timers are allowed to be a millisecond early.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(58);
    expect(await answer.json()).toEqual({ id: 'o1' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-mock-example')).toBe('get_order: An order.');
    expect(records).toMatchObject([{ method: 'GET', target: '/orders/o1', status: 200, differs: [] }]);
  });

  it('tells what HTTP cannot carry, and lives on', async () => {
    const strange = changed(
      SHOP,
      'examples/orders.yaml',
      '{status: 200, body: {id: o1}}',
      '{status: 200, headers: {"x y": a}, body: {}}',
    );
    const { origin } = await serverOf(strange);
    const answer = await fetch(`${origin}/orders/o1`, { headers: { 'x-region': 'US' } });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('x y') });
    expect((await fetch(`${origin}/orders?state=open`)).status).toBe(200);
  });
});
