import { callMany, startNode, testClock, tokenRequest } from './fixture.ts';

// A process of its own with a broker: for each message, that many calls at once; answers with their tally.
const [, , path = '', ring = '', url = '', advance = '0'] = process.argv;
const clock = testClock();
clock.advance(Number(advance));
const node = await startNode({ path, ring, clock });
process.on('message', async ({ calls, newerThan }: { calls: number; newerThan?: number }) => {
  const options = newerThan === undefined ? {} : { newerThan };
  process.send?.(await callMany(calls, () => node.broker.appToken(tokenRequest(new URL(url), clock), options)));
});
process.send?.('ready');
