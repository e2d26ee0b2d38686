import type { Clock } from '../../clock.ts';
import type { Registry } from '../../connector/connector.ts';
import { Problem } from '../../problems.ts';
import type { Random } from '../../random.ts';
import type { Settings } from '../../settings.ts';
import { createDoor } from '../../upstream/door.ts';
import type { Door } from '../../upstream/types.ts';
import { skewFinding } from './clock-skew.ts';
import { type Finding, fault, ok } from './finding.ts';

const WITHIN_MS = 5_000;
// Enough for any answer to HEAD; what is larger has answered, too.
const MAX_BYTES = 64 * 1024;
// A Date header names whole seconds (RFC 9110 §5.6.7): on average it is half a second old.
const HALF_SECOND_MS = 500;

interface Reached {
  finding: Finding;
  /** How far its clock is ahead of ours. */
  skewMs: number | undefined;
}

/**
 * Whether every origin that connectors declare answers, asked through the door with the server's own settings, all at once;
 * and how their clocks differ from this machine's.
 */
export async function checkProviders(
  registry: Registry,
  { settings, clock, random }: { settings: Settings; clock: Clock; random: Random },
): Promise<Finding[]> {
  const { allowPrivateAddresses, originOverrides } = settings;
  const door = createDoor({ clock, random, allowPrivateAddresses, connectTimeoutMs: WITHIN_MS });
  const declared = Map.groupBy(originOverrides, ([, actual]) => actual);
  const origins = new Set([...registry.connectors.values()].flatMap((connector) => [...connector.origins]));
  try {
    const reached = await Promise.all(
      [...origins].sort().map((origin) => {
        const instead = declared.get(origin)?.map(([from]) => from);
        const name = instead ? `${instead.join(', ')} (really ${origin})` : origin;
        return reach(door, origin, name, clock);
      }),
    );
    const skews = reached.flatMap(({ skewMs }) => skewMs ?? []).sort((one, other) => one - other);
    const median = skews[Math.floor(skews.length / 2)];
    // One provider may be wrong about the time, most are not.
    const clocks = median === undefined ? [] : [skewFinding('clock and providers', median, 'the providers’ clock')];
    return [...reached.map(({ finding }) => finding), ...clocks];
  } finally {
    await door.close();
  }
}

async function reach(door: Door, origin: string, name: string, clock: Clock): Promise<Reached> {
  const startedAt = clock.now();
  try {
    const { status, headers } = await door.send(
      { method: 'HEAD', url: new URL(origin), headers: {} },
      {
        allowedOrigins: new Set([origin]),
        deadlineAt: startedAt + WITHIN_MS,
        maxResponseBytes: MAX_BYTES,
        retry: 'unsent',
      },
    );
    const endedAt = clock.now();
    const date = Date.parse(headers.date ?? '');
    const skewMs = Number.isNaN(date) ? undefined : date + HALF_SECOND_MS - (startedAt + endedAt) / 2;
    return { finding: ok('provider', `${name} answers (${status}, ${endedAt - startedAt} ms)`), skewMs };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { finding: findingOf(error, name), skewMs: undefined };
  }
}

/** Refusals that are about an answer show that there was one. */
const ANSWERED: readonly string[] = [
  'provider_redirect_refused',
  'provider_response_invalid',
  'provider_response_too_large',
];

function findingOf(problem: Problem, name: string): Finding {
  if (ANSWERED.includes(problem.code)) return ok('provider', `${name} answers`);
  const why = causeOf(problem);
  if (problem.code === 'host_refused')
    return fault(
      'provider',
      `${name}: ${problem.message}`,
      'Name its address range in CORBEL_ALLOW_PRIVATE_ADDRESSES if it is meant.',
    );
  const text = `${problem.message} ${why}`;
  const remedy = /ENOTFOUND|EAI_AGAIN/.test(text)
    ? 'Its name is not resolved: look at DNS.'
    : /CERT|TLS|SSL|certificate|EPROTO/i.test(text)
      ? 'TLS fails: look at proxies in between and at the trusted certificates (NODE_EXTRA_CA_CERTS).'
      : 'Let this machine reach it: look at the firewall and at proxies.';
  const code = /\(([A-Z][A-Z0-9_]+)\)/.exec(problem.message)?.[1];
  const reason = problem.code === 'provider_timeout' ? 'in time' : `(${why === '' ? (code ?? problem.code) : why})`;
  return fault('provider', `${name} is not reached ${reason}`, remedy);
}

function causeOf({ cause }: Problem): string {
  if (!(cause instanceof Error)) return '';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
