import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readSettings, SETTINGS, SettingsError, settingsTable } from '../src/settings.ts';

function faultsOf(
  environment: Record<string, string>,
  readFile: (path: string) => string = () => {
    throw new Error('no file');
  },
): readonly string[] {
  try {
    readSettings(environment, readFile);
  } catch (error) {
    if (error instanceof SettingsError) {
      for (const fault of error.faults) expect(error.message).toContain(fault);
      return error.faults;
    }
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('have a default each, and take nothing from variables of others', () => {
    const settings = readSettings({ PATH: '/bin', HOME: '/root', CORBELL_PORT: '1' });
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dataDirectory: './data',
      allowVolatileStore: false,
      encryptionKeys: undefined,
      allowPrivateAddresses: [],
      logLevel: 'info',
      bodyLimitBytes: 1_048_576,
      shutdownGraceMs: 25_000,
      drainDelayMs: 0,
    });
    expect(settings.store.reveal()).toBe('sqlite:data/corbel.db');
    expect(settings.originOverrides.size).toBe(0);
  });

  it('are read as what they are', () => {
    const settings = readSettings({
      CORBEL_PORT: '0',
      CORBEL_DATA_DIR: '/var/lib/corbel',
      CORBEL_ORIGIN_OVERRIDES: 'https://a.example=http://127.0.0.1:1, https://b.example=http://[::1]:2',
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32, fd00::/8',
      CORBEL_ALLOW_VOLATILE_STORE: 'true',
      CORBEL_DRAIN_DELAY_S: '5',
    });
    expect(settings).toMatchObject({ port: 0, allowVolatileStore: true, drainDelayMs: 5_000 });
    expect(settings.store.reveal()).toBe('sqlite:/var/lib/corbel/corbel.db');
    expect([...settings.originOverrides]).toEqual([
      ['https://a.example', 'http://127.0.0.1:1'],
      ['https://b.example', 'http://[::1]:2'],
    ]);
    expect(settings.allowPrivateAddresses).toEqual(['127.0.0.1/32', 'fd00::/8']);
  });

  it('cannot be changed afterwards', () => {
    const settings = readSettings({});
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.allowPrivateAddresses)).toBe(true);
  });

  it('are refused with all that is wrong at once', () => {
    const faults = faultsOf({
      CORBEL_PORT: '65536',
      CORBEL_LOG_LEVEL: 'verbose',
      CORBEL_STORE: 'postgres://x',
      CORBEL_BODY_LIMIT_BYTES: '1e6',
      CORBEL_ORIGIN_OVERRIDES: 'https://a.example/path=http://b',
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '10.0.0.0/33',
      CORBEL_ALLOW_VOLATILE_STORE: 'yes',
      CORBEL_HOST: ' ',
      CORBEL_PROT: '1',
    });
    expect(faults).toHaveLength(9);
    for (const name of ['PORT', 'LOG_LEVEL', 'STORE', 'BODY_LIMIT_BYTES', 'ORIGIN_OVERRIDES', 'HOST', 'PROT'])
      expect(faults.filter((fault) => fault.startsWith(`CORBEL_${name} `))).toHaveLength(1);
  });

  it.each([
    ['CORBEL_PORT', ['', '-1', '1.5', '0x50', '65536', '８０', ' 80', '99999999999999']],
    [
      'CORBEL_ORIGIN_OVERRIDES',
      ['x', 'https://a.example', 'https://a=https://b=https://c', 'https://a.example/=https://b', '*=https://b'],
    ],
    [
      'CORBEL_ALLOW_PRIVATE_ADDRESSES',
      ['10.0.0.1', 'localhost/32', '10.0.0.0/-1', '::1/129', '10.0.0.0/8/8', '300.1.1.1/8'],
    ],
    ['CORBEL_STORE', ['', 'sqlite:', 'redis:', 'http://x', 'redis-sentinel://host']],
    ['CORBEL_BODY_LIMIT_BYTES', ['0', '1023', '67108865']],
    ['CORBEL_AUDIT_DAYS', ['-1', '36501', 'ever', '']],
    ['CORBEL_REQUEST_LOG_DAYS', ['-1', '91', '1.5', '7d', '']],
  ])('of %s refuse what does not fit, with an example of what does', (name, values) => {
    for (const value of values) {
      const [fault, ...others] = faultsOf({ [name]: value });
      expect([value, others]).toEqual([value, []]);
      expect(fault).toContain(`for example ${name}=`);
    }
  });

  it('that do not exist are refused with the one that was meant', () => {
    expect(faultsOf({ CORBEL_LOGLEVEL: 'info' })).toEqual([expect.stringContaining('CORBEL_LOG_LEVEL')]);
    expect(faultsOf({ CORBEL_PORT_FILE: '/x' })).toEqual([expect.stringContaining('CORBEL_PORT_FILE')]);
  });

  it('that are secret may stand in a file', () => {
    const files: Record<string, string> = { '/keys': 'k1:abc\n', '/store': 'redis://:pw@host:6379\r\n' };
    const settings = readSettings(
      { CORBEL_ENCRYPTION_KEYS_FILE: '/keys', CORBEL_STORE_FILE: '/store' },
      (path) => files[path] ?? '',
    );
    expect(settings.encryptionKeys?.reveal()).toBe('k1:abc');
    expect(settings.store.reveal()).toBe('redis://:pw@host:6379');
  });

  it('are refused when both the value and its file are given, or the file cannot be read', () => {
    expect(faultsOf({ CORBEL_ENCRYPTION_KEYS: 'k1:x', CORBEL_ENCRYPTION_KEYS_FILE: '/keys' })).toEqual([
      expect.stringMatching(/both set/),
    ]);
    expect(faultsOf({ CORBEL_STORE_FILE: '/nowhere' })).toEqual([expect.stringContaining('/nowhere')]);
  });

  it('show no secret, neither in faults nor when they are printed', () => {
    const secret = 'hunter2-hunter2';
    for (const faults of [
      faultsOf({ CORBEL_STORE: `postgres://user:${secret}@host` }),
      faultsOf({ CORBEL_STORE_FILE: '/store' }, () => `postgres://user:${secret}@host`),
      faultsOf({ CORBEL_ENCRYPTION_KEYS: secret, CORBEL_ENCRYPTION_KEYS_FILE: '/x', CORBEL_PORT: 'x' }),
    ]) {
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.join()).not.toContain(secret);
    }
    const settings = readSettings({ CORBEL_STORE: `redis://:${secret}@host`, CORBEL_ENCRYPTION_KEYS: `k1:${secret}` });
    for (const text of [
      JSON.stringify(settings),
      inspect(settings, { depth: 5, showHidden: true }),
      `${settings.store}`,
    ])
      expect(text).not.toContain(secret);
  });

  it('have examples and defaults that are valid themselves', () => {
    for (const { name, check, example, default: fallback, secret } of SETTINGS) {
      expect([name, check(example)]).toEqual([name, undefined]);
      if (!secret && fallback !== '') expect([name, check(fallback)]).toEqual([name, undefined]);
    }
  });

  it('are all in the table of the documentation', () => {
    const table = settingsTable();
    for (const { name, description } of SETTINGS) {
      expect(table).toContain(name);
      expect(table).toContain(description);
    }
  });
});
