import { describe, expect, it } from 'vitest';
import { clusterOptions, redisOptions } from '../../src/store/redis-options.ts';
import { loadScripts } from '../../src/store/redis-scripts.ts';
import { parseRedisUrl } from '../../src/store/redis-url.ts';
import { StoreRefused } from '../../src/store/refused.ts';

describe('a Redis address', () => {
  it.each([
    ['redis://localhost', { topology: 'single', tls: false, hosts: [{ host: 'localhost', port: 6379 }], db: 0 }],
    [
      'rediss://user:p%40ss%2Fword@cache.internal:6380/3',
      {
        topology: 'single',
        tls: true,
        hosts: [{ host: 'cache.internal', port: 6380 }],
        db: 3,
        username: 'user',
        password: 'p@ss/word',
      },
    ],
    [
      'redis://:only-password@[::1]:7000',
      { topology: 'single', tls: false, hosts: [{ host: '::1', port: 7000 }], db: 0, password: 'only-password' },
    ],
    [
      'redis-cluster://a:1,b:2,c',
      {
        topology: 'cluster',
        tls: false,
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
          { host: 'c', port: 6379 },
        ],
        db: 0,
      },
    ],
    [
      'rediss-sentinel://u:p@s1:1,s2/main/2?sentinel_password=sp',
      {
        topology: 'sentinel',
        tls: true,
        hosts: [
          { host: 's1', port: 1 },
          { host: 's2', port: 26379 },
        ],
        db: 2,
        username: 'u',
        password: 'p',
        masterName: 'main',
        sentinelPassword: 'sp',
      },
    ],
  ])('is read: %s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    'redis://',
    'redis://:hunter2@',
    'redis://:hunter2@host:0',
    'redis://:hunter2@host:99999',
    'redis://:hunter2@a:1,b:2',
    'redis://:hunter2@host/notanumber',
    'redis://:hunter2@host/0?tls=true',
    'redis://:hunter2%@host',
    'redis-cluster://:hunter2@a:1,b:2/3',
    'redis-cluster://:hunter2@a:1,,b:2',
    'redis-sentinel://:hunter2@s:1',
    'redis-sentinel://:hunter2@s:1/main/0/x',
    'redis-sentinel://:hunter2@s:1/main?password=hunter2',
    'redis-proxy://:hunter2@host',
    'http://:hunter2@host',
  ])('is refused without quoting it: %s', (url) => {
    let failure: unknown;
    try {
      parseRedisUrl(url);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(StoreRefused);
    expect(String((failure as Error).stack)).not.toContain('hunter2');
  });

  it('becomes options for Sentinels, with credentials for each kind of server', async () => {
    const address = parseRedisUrl('rediss-sentinel://u:p@s1:1,s2:2/main/4?sentinel_username=su&sentinel_password=sp');
    expect(redisOptions(address, await loadScripts())).toMatchObject({
      sentinels: [
        { host: 's1', port: 1 },
        { host: 's2', port: 2 },
      ],
      name: 'main',
      db: 4,
      username: 'u',
      password: 'p',
      sentinelUsername: 'su',
      sentinelPassword: 'sp',
      tls: {},
      enableTLSForSentinelMode: true,
    });
  });

  it('never becomes options that send a command twice or queue for ever', async () => {
    const scripts = await loadScripts();
    const once = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
    for (const url of ['redis://h', 'redis-sentinel://s/main']) {
      expect(redisOptions(parseRedisUrl(url), scripts)).toMatchObject({ ...once, enableOfflineQueue: false });
    }
    expect(clusterOptions(parseRedisUrl('redis-cluster://h'), scripts)).toMatchObject({
      enableOfflineQueue: false,
      retryDelayOnFailover: 0,
      redisOptions: once,
    });
  });
});
