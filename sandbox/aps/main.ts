import { parseArgs } from 'node:util';
import { createSandbox } from './sandbox.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string' },
    'public-origin': { type: 'string' },
    'team-hub': { type: 'boolean', default: false },
  },
});

const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be 0 to 65535, not ${values.port}`);
  process.exit(2);
}
const sandbox = createSandbox({
  teamHub: values['team-hub'],
  ...(values.seed === undefined ? {} : { seed: values.seed }),
  ...(values['public-origin'] === undefined ? {} : { publicOrigin: values['public-origin'] }),
});
const { origin } = await sandbox.listen({ port, host: values.host });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}

const [app] = sandbox.apps;
// One line of JSON, so that whoever started this process can read where it is.
console.log(
  JSON.stringify({
    origin,
    client_id: app?.clientId,
    client_secret: app?.clientSecret,
    public_client_id: sandbox.apps.find((one) => one.clientSecret === undefined)?.clientId,
    hubs: sandbox.world.hubs.map(({ id, region }) => ({ id, region })),
  }),
);
