import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAddressGuard, isGlobalUnicast } from '../../src/upstream/address-guard.ts';
import { httpUpstream, openDoor, problemOf, read, sending, tcpUpstream } from './support.ts';

describe('which addresses are public', () => {
  it.each([
    '93.184.216.34',
    '8.8.8.8',
    '1.1.1.1',
    '223.255.255.254',
    '2606:2800:220:1:248:1893:25c8:1946',
    '2a00:1450::1',
  ])('takes %s for public', (address) => expect(isGlobalUnicast(address)).toBe(true));

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::7f00:1',
    '1000::1',
    '4000::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
    '',
  ])('takes %j for not public', (address) => expect(isGlobalUnicast(address)).toBe(false));
});

describe('which addresses may be called', () => {
  const guard = createAddressGuard({ allowPrivateAddresses: ['127.0.0.0/8', 'fd00::/8'] });

  it('lets https go to public and to allowed private addresses, and nowhere else', () => {
    expect(guard.permits('93.184.216.34', 'https:')).toBe(true);
    expect(guard.permits('127.0.0.1', 'https:')).toBe(true);
    expect(guard.permits('fd00::1', 'https:')).toBe(true);
    expect(guard.permits('10.0.0.1', 'https:')).toBe(false);
    expect(guard.permits('::1', 'https:')).toBe(false);
  });

  it('lets plain http go to allowed private addresses only', () => {
    expect(guard.permits('127.0.0.1', 'http:')).toBe(true);
    expect(guard.permits('93.184.216.34', 'http:')).toBe(false);
  });

  it('does not let an IPv4 range speak for the IPv6 forms of its addresses', () => {
    expect(guard.permits('::ffff:127.0.0.1', 'https:')).toBe(false);
  });

  it('refuses to start with a range that cannot be read', () => {
    expect(() => createAddressGuard({ allowPrivateAddresses: ['127.0.0.0/99'] })).toThrow();
    expect(() => createAddressGuard({ allowPrivateAddresses: ['localhost'] })).toThrow();
  });
});

describe('a private address under any spelling', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '①②⑦.⓪.⓪.①',
    '[::ffff:127.0.0.1]',
    '[::1]',
    'localhost',
    'localhost.',
  ])('is never connected to as %s', async (spelling) => {
    let reached = 0;
    const canary = createServer(() => {
      reached += 1;
    });
    await new Promise<void>((resolve) => canary.listen({ host: '::', port: 0 }, resolve));
    onTestFinished(() => void canary.close());
    const { port } = canary.address() as { port: number };
    const door = openDoor({ allowPrivateAddresses: [] });

    for (const scheme of ['http', 'https']) {
      const request = read(`${scheme}://${spelling}:${port}/`);
      const problem = await problemOf(door.send(request, sending(request)));
      // Some resolvers do not know the name with its dot at all.
      const refusals = spelling === 'localhost.' ? ['host_refused', 'provider_unreachable'] : ['host_refused'];
      expect(refusals).toContain(problem.code);
    }
    expect(reached).toBe(0);
  });

  it('is refused once, without retries, when a name resolves to it', async () => {
    let lookups = 0;
    const door = openDoor({
      allowPrivateAddresses: [],
      lookup: async () => {
        lookups += 1;
        return [{ address: '169.254.169.254', family: 4 }];
      },
    });
    const request = read('https://metadata.test/');
    expect((await problemOf(door.send(request, sending(request)))).code).toBe('host_refused');
    expect(lookups).toBe(1);
  });
});

describe('a name that changes its address', () => {
  it('is not followed to a refused one', async () => {
    const upstream = await httpUpstream((_request, response) => {
      response.setHeader('connection', 'close').end('public');
    }, '127.0.0.2');
    const canary = await httpUpstream((_request, response) => response.end('private'), '127.0.0.1', upstream.port);
    const answers = ['127.0.0.2', '127.0.0.1'];
    const door = openDoor({
      allowPrivateAddresses: ['127.0.0.2/32'],
      lookup: async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }],
    });
    const request = read(`http://rebind.test:${upstream.port}/`);

    expect((await door.send(request, sending(request))).body.toString()).toBe('public');
    expect((await problemOf(door.send(request, sending(request)))).code).toBe('host_refused');
    expect(canary.connections()).toBe(0);
  });

  it('is looked up once for a connection, which goes to the address that was checked', async () => {
    const upstream = await httpUpstream((_request, response) => response.end('ok'), '127.0.0.2');
    const canary = await httpUpstream((_request, response) => response.end('private'), '127.0.0.1', upstream.port);
    let lookups = 0;
    const door = openDoor({
      allowPrivateAddresses: ['127.0.0.2/32'],
      lookup: async () => {
        lookups += 1;
        return [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ];
      },
    });
    const request = read(`http://mixed.test:${upstream.port}/`);
    for (let call = 0; call < 10; call += 1) {
      expect((await door.send(request, sending(request))).body.toString()).toBe('ok');
    }
    expect(lookups).toBe(upstream.connections());
    expect(canary.connections()).toBe(0);
  });
});

describe('the allowed origins', () => {
  it.each([
    ['another port', 'http://127.0.0.1:1/'],
    ['another scheme', 'https://127.0.0.1:PORT/'],
    ['a longer host', 'http://127.0.0.1.evil.test:PORT/'],
    ['credentials', 'http://user:pass@127.0.0.1:PORT/'],
    ['a user alone', 'http://user@127.0.0.1:PORT/'],
  ])('are compared exactly: %s is refused', async (_what, template) => {
    const upstream = await tcpUpstream(() => {});
    const request = read(template.replace('PORT', String(upstream.port)));
    const door = openDoor();
    const problem = await problemOf(
      door.send(request, sending(request, { allowedOrigins: new Set([upstream.origin]) })),
    );
    expect(problem.code).toBe('host_refused');
    expect(problem.message).not.toContain('pass');
    expect(upstream.sockets).toHaveLength(0);
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/plain,x'])('have no place for %s', async (url) => {
    const request = read(url);
    const problem = await problemOf(openDoor().send(request, sending(request, { allowedOrigins: new Set(['null']) })));
    expect(problem.code).toBe('host_refused');
  });
});
