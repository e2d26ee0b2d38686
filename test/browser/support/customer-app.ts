import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page of somebody who uses Corbel, on an origin of its own. */
export interface CustomerApp {
  origin: string;
  stop(): Promise<void>;
}

const PAGE = `<!doctype html><title>Customer app</title><p id="here">Customer app</p>
<script>
  window.told = [];
  addEventListener('message', ({ data, origin }) => window.told.push({ data, origin }));
  window.openLink = (url) => { window.popup = open(url, 'link', 'popup,width=480,height=720'); };
</script>`;

export async function startCustomerApp(): Promise<CustomerApp> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
