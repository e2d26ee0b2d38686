import { relative } from 'node:path';
import { type Diagnostic, formatDiagnostic, printable } from '../../connector/diagnostics.ts';
import type { Terminal } from '../terminal.ts';
import type { Changes } from './changes.ts';
import type { DevConnector, DevEvent, ExampleFailure } from './dev-event.ts';

// A change of a connector's defaults changes all of its actions; a screen need not list them.
const MAX_NAMED = 6;
const MAX_FAULTS_SHOWN = 10;
const MAX_FAILURES_SHOWN = 5;

/** Tells of events on the terminal: one line of JSON each, or what a person wants to see. */
export function createTeller(terminal: Terminal): (event: DevEvent) => void {
  if (terminal.json) return (event) => terminal.print(JSON.stringify(bare(event)));
  return (event) => {
    for (const line of linesOf(terminal, event)) terminal.print(line);
  };
}

function bare(event: DevEvent): object {
  if (event.event !== 'refused') return event;
  return { ...event, faults: event.faults.map(({ frame: _frame, ...fault }) => fault) };
}

function linesOf(terminal: Terminal, event: DevEvent): string[] {
  const { paint } = terminal;
  switch (event.event) {
    case 'ready':
      return readyLines(terminal, event);
    case 'live': {
      const ms = paint('dim', `${event.ms} ms`);
      return [`${paint('green', '✓ live')} in ${ms}  ${changesText(event)}`];
    }
    case 'refused':
      return refusedLines(terminal, event.faults, event.serving);
    case 'connector':
      return connectorLines(terminal, event.connector);
    case 'examples':
      return exampleLines(terminal, event.passed, event.failures);
    case 'sandbox_ended':
      return [
        `${paint('red', '✗')} the sandbox of ${event.connector} ended (${event.signal ?? `code ${event.code}`}): its calls fail until corbel dev is started again`,
      ];
    case 'note':
      return [`${paint('yellow', '!')} ${printable(event.message)}`];
    case 'stopped':
      return ['Stopped.'];
  }
}

function readyLines(terminal: Terminal, event: Extract<DevEvent, { event: 'ready' }>): string[] {
  const { paint, cwd } = terminal;
  const near = (path: string) => {
    const short = relative(cwd, path);
    return short !== '' && !short.startsWith('..') ? `./${short}` : path;
  };
  const row = (name: string, value: string) => `  ${paint('dim', name.padEnd(12))} ${value}`;
  return [
    '',
    row('Corbel', paint('bold', event.address)),
    row('Store', near(event.store)),
    row('Operator key', event.operator_key),
    row('Backend key', event.backend_key),
    '',
    ...event.connectors.flatMap((connector) => connectorLines(terminal, connector)),
    ...(event.connectors.length === 0 ? [row('Connectors', 'none yet: corbel new connector NAME')] : []),
    `  Watching ${near(event.connectors_directory)}: a saved file is live at once. Ctrl-C stops everything.`,
    '',
  ];
}

function connectorLines({ paint }: Terminal, connector: DevConnector): string[] {
  const { id, actions, sandbox, account, note } = connector;
  const by = sandbox
    ? `${sandbox.kind === 'program' ? 'sandbox' : 'its examples'} at ${sandbox.origin}`
    : 'no sandbox: calls go to the provider';
  return [
    `  ${paint('bold', id)} ${paint('dim', `· ${actions} ${actions === 1 ? 'action' : 'actions'} · ${by}`)}`,
    ...(account === null ? [] : [`  account ${account}`]),
    ...(note === null ? [] : [`  ${paint('yellow', '!')} ${printable(note)}`]),
    ...(connector.try === null ? [] : ['', ...connector.try.split('\n').map((line) => `    ${printable(line)}`)]),
    '',
  ];
}

function changesText({ added, changed, removed, examples, connectors }: Changes): string {
  const parts = [
    ['', changed],
    ['new: ', added],
    ['removed: ', removed],
    ['examples of ', examples],
  ] as const;
  const told = parts.filter(([, ids]) => ids.length > 0).map(([what, ids]) => `${what}${named(ids)}`);
  if (told.length > 0) return told.join('; ');
  return connectors.length > 0 ? `${named(connectors)} (no action changed)` : 'as it was before';
}

function named(ids: readonly string[]): string {
  const more = ids.length - MAX_NAMED;
  return `${ids.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function refusedLines({ paint }: Terminal, faults: readonly Diagnostic[], serving: boolean): string[] {
  const shown = faults.slice(0, MAX_FAULTS_SHOWN);
  const count = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  const after = serving ? 'what was live before keeps serving' : 'mend it, and the server starts';
  return [
    ...shown.flatMap((fault) => {
      const [head = '', ...frame] = formatDiagnostic(fault).split('\n');
      return ['', paint('red', head), ...frame];
    }),
    '',
    `${paint('red', `✗ ${count}`)}${faults.length > shown.length ? `, ${shown.length} shown` : ''}; ${after}`,
  ];
}

function exampleLines({ paint }: Terminal, passed: number, failures: readonly ExampleFailure[]): string[] {
  if (failures.length === 0) return [`  ${paint('dim', `examples: ${passed} passed`)}`];
  return [
    ...failures
      .slice(0, MAX_FAILURES_SHOWN)
      .flatMap(({ action, example, message }) => [
        `${paint('red', '✗')} ${action}: ${printable(example)}`,
        ...message.split('\n').map((line) => `    ${printable(line)}`),
      ]),
    `  ${paint('red', `examples: ${failures.length} of ${passed + failures.length} failed`)}${failures.length > MAX_FAILURES_SHOWN ? `, ${MAX_FAILURES_SHOWN} shown` : ''} (corbel test shows them all)`,
  ];
}
