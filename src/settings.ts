import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { didYouMean } from './connector/suggest.ts';
import { Secret } from './secret.ts';

/** Everything that an operator can set, typed and frozen. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Where browsers and providers reach this server; undefined: http at host and port. */
  readonly publicUrl: URL | undefined;
  /** Address ranges of proxies in front. */
  readonly trustedProxies: readonly string[];
  readonly dataDirectory: string;
  /** May hold a password. */
  readonly store: Secret;
  readonly allowVolatileStore: boolean;
  readonly redisPrefix: string;
  readonly encryptionKeys: Secret | undefined;
  readonly connectorsDirectory: string;
  readonly originOverrides: ReadonlyMap<string, string>;
  readonly allowPrivateAddresses: readonly string[];
  readonly logLevel: LogLevel;
  readonly bodyLimitBytes: number;
  readonly fileLimitBytes: number;
  /** 0: requests are not logged. */
  readonly requestLogDays: number;
  /** 0: for ever. */
  readonly auditDays: number;
  /** Who may read `/metrics`. */
  readonly metrics: MetricsAccess;
  /** Undefined: calls are not traced. */
  readonly tracing: TracingSettings | undefined;
  readonly shutdownGraceMs: number;
  readonly drainDelayMs: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const METRICS_ACCESS = ['off', 'open', 'operator'] as const;
export type MetricsAccess = (typeof METRICS_ACCESS)[number];

// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;

/** Where traces are sent, by the variables of OpenTelemetry. */
export interface TracingSettings {
  /** Of the collector, to which `v1/traces` is added. */
  readonly endpoint: URL;
  /** `name=value` pairs, separated by commas, values percent-encoded; may hold a key. */
  readonly headers: Secret | undefined;
  readonly serviceName: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** A share, 0 to 1. */
  readonly samplerArgument: number;
  /** Whether providers are told of the trace. */
  readonly propagate: boolean;
}

/** One setting, as the documentation shows it. */
export interface SettingDefinition {
  readonly name: string;
  readonly description: string;
  readonly default: string;
  readonly example: string;
  /** May also be given as the path of a file, in `<name>_FILE`. */
  readonly secret: boolean;
  /** Gives what is wrong with a value, or undefined. */
  readonly check: (text: string) => string | undefined;
}

/** Thrown with every fault at once; no values of secrets in it. */
export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Settings are not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

const PREFIX = 'CORBEL_';
const MAX_BODY_LIMIT_BYTES = 64 * 1024 * 1024;
const MAX_FILE_LIMIT_BYTES = 5 * 1024 ** 4;
const MAX_WAIT_S = 600;
// A log to look things up in, not an archive: at 10 calls a second this is 80 million records.
const MAX_REQUEST_LOG_DAYS = 90;
const MAX_AUDIT_DAYS = 36_500;

const plain = (
  check: SettingDefinition['check'],
  name: string,
  fallback: string,
  example: string,
  description: string,
): SettingDefinition => ({
  name: PREFIX + name,
  description,
  default: fallback,
  example,
  secret: false,
  check,
});
const secret = (...parameters: Parameters<typeof plain>): SettingDefinition => ({
  ...plain(...parameters),
  secret: true,
});

/** With a name that is not ours. */
const standard = (definition: SettingDefinition): SettingDefinition => ({
  ...definition,
  name: definition.name.slice(PREFIX.length),
});

/** Every setting there is, in the order of the documentation. */
export const SETTINGS = [
  plain(nonEmpty, 'HOST', '127.0.0.1', '0.0.0.0', 'Address to listen on.'),
  plain(integer(0, 65_535), 'PORT', '8080', '8080', 'Port to listen on; 0 takes any free one.'),
  plain(
    publicUrl,
    'PUBLIC_URL',
    '',
    'https://corbel.example.com',
    'Where browsers reach this server, for links and for the callback URL of apps. By default http at the address listened on.',
  ),
  plain(
    cidrs,
    'TRUSTED_PROXIES',
    '',
    '10.0.0.0/8',
    'Address ranges of proxies in front whose `X-Forwarded-For` is believed, for the limits per address of the link page.',
  ),
  plain(
    nonEmpty,
    'DATA_DIR',
    './data',
    '/var/lib/corbel',
    'Folder of the embedded store and of the generated encryption key.',
  ),
  secret(
    store,
    'STORE',
    'sqlite:<data dir>/corbel.db',
    'redis://localhost:6379',
    'Where state is kept: `sqlite:<file>`, `redis://`, `rediss://`, `redis-cluster://host:port,…` or `redis-sentinel://host:port,…/name`.',
  ),
  plain(
    name,
    'REDIS_PREFIX',
    'corbel',
    'corbel-staging',
    'First part of every key in Redis, for several Corbels in one.',
  ),
  plain(
    boolean,
    'ALLOW_VOLATILE_STORE',
    'false',
    'true',
    'Start even though Redis keeps no append-only file, or may evict records. Grants can be lost.',
  ),
  secret(
    nonEmpty,
    'ENCRYPTION_KEYS',
    'generated file in the data folder, with the embedded store only',
    'k2:<base64 of 32 bytes>,k1:<base64 of 32 bytes>',
    'Keys that seal secrets; the first one seals, all of them open.',
  ),
  plain(nonEmpty, 'CONNECTORS_DIR', './connectors', '/etc/corbel/connectors', 'Folder of the connectors.'),
  plain(
    originPairs,
    'ORIGIN_OVERRIDES',
    '',
    'https://api.example.com=http://127.0.0.1:4010',
    'Call another origin instead of a declared one, for test providers. Comma-separated.',
  ),
  plain(
    cidrs,
    'ALLOW_PRIVATE_ADDRESSES',
    '',
    '127.0.0.1/32,10.1.0.0/16',
    'Private address ranges that may be called. None by default.',
  ),
  plain(oneOf(LOG_LEVELS), 'LOG_LEVEL', 'info', 'debug', 'Least level that is logged.'),
  plain(integer(1_024, MAX_BODY_LIMIT_BYTES), 'BODY_LIMIT_BYTES', '1048576', '262144', 'Largest JSON body accepted.'),
  plain(
    integer(0, MAX_REQUEST_LOG_DAYS),
    'REQUEST_LOG_DAYS',
    '7',
    '30',
    'Days that the log of calls (`GET /requests`) is kept; 0 keeps none.',
  ),
  plain(
    integer(0, MAX_AUDIT_DAYS),
    'AUDIT_DAYS',
    '400',
    '2555',
    'Days that the audit trail (`GET /audit`) is kept; 0 keeps it for ever.',
  ),
  plain(
    integer(1_024, MAX_FILE_LIMIT_BYTES),
    'FILE_LIMIT_BYTES',
    '107374182400',
    '1073741824',
    'Largest file that an action takes; it is passed on as it comes, not kept.',
  ),
  plain(
    oneOf(METRICS_ACCESS),
    'METRICS',
    'operator',
    'open',
    'Who may read `/metrics` (Prometheus): `operator`, with a key of the root project’s operators; `open`, anyone who reaches the port; `off`, nobody, and nothing is counted for it.',
  ),
  standard(
    plain(
      collector,
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      '',
      'http://collector:4318',
      'OpenTelemetry collector (OTLP over HTTP, JSON) that calls are traced to. Without it nothing is traced.',
    ),
  ),
  standard(
    secret(
      headerPairs,
      'OTEL_EXPORTER_OTLP_HEADERS',
      '',
      'authorization=Bearer%20key',
      'Headers for the collector: `name=value`, comma-separated, values percent-encoded.',
    ),
  ),
  standard(plain(name, 'OTEL_SERVICE_NAME', 'corbel', 'corbel-staging', 'Name of this server in traces.')),
  standard(
    plain(
      oneOf(SAMPLERS),
      'OTEL_TRACES_SAMPLER',
      'parentbased_always_on',
      'parentbased_traceidratio',
      'Which calls are traced: all, unless the caller’s `traceparent` says that its trace is not recorded.',
    ),
  ),
  standard(
    plain(
      share,
      'OTEL_TRACES_SAMPLER_ARG',
      '1',
      '0.1',
      'Share of calls that the `traceidratio` samplers trace, 0 to 1.',
    ),
  ),
  plain(
    boolean,
    'TRACE_PROPAGATION',
    'false',
    'true',
    'Send `traceparent` with requests to providers, when calls are traced. They learn the ids of traces, and nothing else.',
  ),
  plain(
    integer(0, MAX_WAIT_S),
    'SHUTDOWN_GRACE_S',
    '25',
    '25',
    'Seconds that calls under way are given to finish when the server stops.',
  ),
  plain(
    integer(0, MAX_WAIT_S),
    'DRAIN_DELAY_S',
    '0',
    '5',
    'Seconds between "not ready" and refusing connections when the server stops, for a load balancer to notice.',
  ),
] as const satisfies readonly SettingDefinition[];

/** Variables of `corbel run`, which may stand in the same environment. */
const TOOL_VARIABLES: ReadonlySet<string> = new Set(
  [
    ...['URL', 'KEY', 'CLIENT_ID', 'CLIENT_SECRET', 'ACCESS_TOKEN', 'API_KEY'],
    ...['SERVICE_ACCOUNT_ID', 'SERVICE_ACCOUNT_KEY_ID', 'SERVICE_ACCOUNT_KEY', 'SERVICE_ACCOUNT_KEY_FILE'],
  ].map((name) => PREFIX + name),
);

/**
 * Reads the settings. `readFile` is for the `_FILE` forms. Variables that begin with CORBEL_ but are no setting are faults.
 * Throws {@link SettingsError} with everything that is wrong.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  readFile = (path: string) => readFileSync(path, 'utf8'),
): Settings {
  const faults: string[] = [];
  const definitions: readonly SettingDefinition[] = SETTINGS;
  const known = new Set(definitions.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
  for (const name of Object.keys(environment)) {
    if (name.startsWith(PREFIX) && !known.has(name) && !TOOL_VARIABLES.has(name))
      faults.push(`${name} is not a setting${didYouMean(name, known)}`);
  }

  const given = new Map<string, string>();
  for (const { name, secret, check, example } of definitions) {
    let text = environment[name];
    const path = secret ? environment[`${name}_FILE`] : undefined;
    if (path !== undefined && text !== undefined) {
      faults.push(`${name} and ${name}_FILE are both set; set one`);
      continue;
    }
    if (path !== undefined) {
      try {
        text = readFile(path).replace(/\r?\n$/, '');
      } catch {
        faults.push(`${name}_FILE names a file that cannot be read: ${path}`);
        continue;
      }
    }
    if (text === undefined) continue;
    const wrong = check(text);
    if (wrong !== undefined)
      faults.push(`${name} ${wrong}${secret ? '' : `, is ${JSON.stringify(text)}`}; for example ${name}=${example}`);
    else given.set(name, text);
  }
  if (faults.length > 0) throw new SettingsError(faults);

  const text = (name: (typeof SETTINGS)[number]['name']) =>
    given.get(name) ?? definitions.find((definition) => definition.name === name)?.default ?? '';
  const dataDirectory = text('CORBEL_DATA_DIR');
  const keys = given.get('CORBEL_ENCRYPTION_KEYS');
  const tracing = (): TracingSettings | undefined => {
    const endpoint = text('OTEL_EXPORTER_OTLP_ENDPOINT');
    const headers = given.get('OTEL_EXPORTER_OTLP_HEADERS');
    if (endpoint === '') return undefined;
    return Object.freeze({
      endpoint: new URL(endpoint),
      headers: headers === undefined ? undefined : new Secret(headers),
      serviceName: text('OTEL_SERVICE_NAME'),
      sampler: text('OTEL_TRACES_SAMPLER') as TracingSettings['sampler'],
      samplerArgument: Number(text('OTEL_TRACES_SAMPLER_ARG')),
      propagate: text('CORBEL_TRACE_PROPAGATION') === 'true',
    });
  };
  return Object.freeze({
    host: text('CORBEL_HOST'),
    port: Number(text('CORBEL_PORT')),
    publicUrl: text('CORBEL_PUBLIC_URL') === '' ? undefined : new URL(text('CORBEL_PUBLIC_URL')),
    trustedProxies: Object.freeze(list(text('CORBEL_TRUSTED_PROXIES'))),
    dataDirectory,
    store: new Secret(given.get('CORBEL_STORE') ?? `sqlite:${join(dataDirectory, 'corbel.db')}`),
    redisPrefix: text('CORBEL_REDIS_PREFIX'),
    allowVolatileStore: text('CORBEL_ALLOW_VOLATILE_STORE') === 'true',
    encryptionKeys: keys === undefined ? undefined : new Secret(keys),
    connectorsDirectory: text('CORBEL_CONNECTORS_DIR'),
    originOverrides: new Map(list(text('CORBEL_ORIGIN_OVERRIDES')).map((pair) => pair.split('=') as [string, string])),
    allowPrivateAddresses: Object.freeze(list(text('CORBEL_ALLOW_PRIVATE_ADDRESSES'))),
    logLevel: text('CORBEL_LOG_LEVEL') as LogLevel,
    bodyLimitBytes: Number(text('CORBEL_BODY_LIMIT_BYTES')),
    fileLimitBytes: Number(text('CORBEL_FILE_LIMIT_BYTES')),
    requestLogDays: Number(text('CORBEL_REQUEST_LOG_DAYS')),
    auditDays: Number(text('CORBEL_AUDIT_DAYS')),
    metrics: text('CORBEL_METRICS') as MetricsAccess,
    tracing: tracing(),
    shutdownGraceMs: Number(text('CORBEL_SHUTDOWN_GRACE_S')) * 1_000,
    drainDelayMs: Number(text('CORBEL_DRAIN_DELAY_S')) * 1_000,
  });
}

/** The settings as a Markdown table, for the README. */
export function settingsTable(): string {
  const rows = (SETTINGS as readonly SettingDefinition[]).map(
    ({ name, default: fallback, description, secret }) =>
      `| \`${name}\`${secret ? ' (or `…_FILE`)' : ''} | ${fallback === '' ? '' : `\`${fallback}\``} | ${description} |`,
  );
  return ['| variable | default | what |', '|---|---|---|', ...rows].join('\n');
}

function list(text: string): string[] {
  return text === '' ? [] : text.split(',').map((part) => part.trim());
}

function nonEmpty(text: string): string | undefined {
  return text.trim() === '' ? 'is empty' : undefined;
}

function integer(minimum: number, maximum: number) {
  return (text: string) =>
    /^\d{1,15}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`;
}

function name(text: string): string | undefined {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text)
    ? undefined
    : 'must be 1 to 64 letters, digits, dots, dashes or underscores';
}

function boolean(text: string): string | undefined {
  return text === 'true' || text === 'false' ? undefined : 'must be true or false';
}

function oneOf(values: readonly string[]) {
  return (text: string) => (values.includes(text) ? undefined : `must be one of ${values.join(', ')}`);
}

function store(text: string): string | undefined {
  return /^(sqlite:.+|rediss?:\/\/.+|redis-cluster:\/\/.+|redis-sentinel:\/\/.+\/.+)$/.test(text)
    ? undefined
    : 'must be sqlite:<file>, redis://…, rediss://…, redis-cluster://… or redis-sentinel://…/<name>';
}

function originPairs(text: string): string | undefined {
  const valid = list(text).every((pair) => {
    const parts = pair.split('=');
    return parts.length === 2 && parts.every((part) => URL.canParse(part) && new URL(part).origin === part);
  });
  return valid ? undefined : 'must be pairs <origin>=<origin>, each like https://host[:port] with no path';
}

function publicUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const valid = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
  return valid && !url.pathname.endsWith('//')
    ? undefined
    : 'must be an http(s) URL without query, fragment or credentials';
}

function collector(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const valid = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
  return text === '' || valid ? undefined : 'must be an http(s) URL without query, fragment or credentials';
}

function headerPairs(text: string): string | undefined {
  const valid = list(text).every((pair) => {
    const [, value] = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+=(.*)$/.exec(pair) ?? [];
    return value !== undefined && /^(?:[!-$&-~]|%[0-9A-Fa-f]{2})*$/.test(value);
  });
  return valid ? undefined : 'must be pairs <name>=<value>, values percent-encoded';
}

function share(text: string): string | undefined {
  return /^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? undefined : 'must be a number from 0 to 1';
}

function cidrs(text: string): string | undefined {
  const valid = list(text).every((part) => {
    const [address = '', bits = '', ...rest] = part.split('/');
    const version = isIP(address);
    return rest.length === 0 && version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  });
  return valid ? undefined : 'must be address ranges like 10.0.0.0/8';
}
