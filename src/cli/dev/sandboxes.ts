import { fileURLToPath } from 'node:url';
import type { Clock } from '../../clock.ts';
import { type Child, startChild } from './child.ts';
import type { SandboxProgram } from './sandbox-file.ts';

/** A stand-in for a connector's provider that runs beside the server. */
export interface RunningSandbox {
  readonly connector: string;
  /** A program of its own, or the connector's examples. */
  readonly kind: 'program' | 'examples';
  /** Where it listens. */
  readonly origin: string;
  readonly standsInFor: readonly string[];
  /** The members of its ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly child: Child;
}

/** Why there is none; for people. */
export interface FailedSandbox {
  readonly connector: string;
  readonly failure: string;
}

export interface SandboxSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
}

const READY_MS = 15_000;
const CORBEL = fileURLToPath(new URL('../corbel.ts', import.meta.url));

/** Starts the program registered for a connector and waits until it listens. */
export async function startSandboxProgram(
  connector: string,
  program: SandboxProgram,
  { env, cwd, clock }: SandboxSurroundings,
): Promise<RunningSandbox | FailedSandbox> {
  const child = startChild(program.program, program.arguments ?? [], { cwd, env });
  return awaitReady({ connector, kind: 'program', standsInFor: program.stands_in_for, child }, program.ready, clock);
}

/** Plays a connector's examples. `origins` are those that it declares. */
export async function startExamples(
  connector: string,
  origins: readonly string[],
  directory: string,
  { env, cwd, clock }: SandboxSurroundings,
): Promise<RunningSandbox | FailedSandbox> {
  const parameters = ['mock', connector, '--port', '0', '--connectors', directory, '--json'];
  const child = startChild(CORBEL, parameters, { cwd, env });
  return awaitReady({ connector, kind: 'examples', standsInFor: origins, child }, undefined, clock);
}

async function awaitReady(
  started: Omit<RunningSandbox, 'origin' | 'ready'>,
  member = 'origin',
  clock: Clock,
): Promise<RunningSandbox | FailedSandbox> {
  const { connector, child } = started;
  const late = new AbortController();
  const line = await Promise.race([
    child.line((text) => readyLine(text, member) !== undefined),
    clock.sleep(READY_MS, late.signal).catch(() => undefined),
  ]);
  late.abort();
  const ready = line === undefined ? undefined : readyLine(line, member);
  if (ready) {
    const named = ready.members.stands_in_for;
    // Examples may be about more origins than the connector declares by name.
    const standsInFor = isTexts(named) ? [...new Set([...started.standsInFor, ...named])] : started.standsInFor;
    return { ...started, standsInFor, origin: ready.origin, ready: ready.members };
  }
  await child.stop();
  const { code, signal } = await child.ended;
  return { connector, failure: `it did not say that it listens (it ended with ${signal ?? `code ${code}`})` };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function readyLine(
  text: string,
  member: string,
): { origin: string; members: Readonly<Record<string, unknown>> } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const members = JSON.parse(text) as Record<string, unknown>;
    const origin = members[member];
    return typeof origin === 'string' && URL.canParse(origin) ? { origin: new URL(origin).origin, members } : undefined;
  } catch {
    return undefined;
  }
}

/** A text with `${name}` replaced by the members of a ready line; what is not there becomes nothing. */
export function filledIn(text: string, ready: Readonly<Record<string, unknown>>): string {
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(ready, name) ? ready[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });
}
