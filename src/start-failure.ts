import { ConnectorError, formatDiagnostic } from './connector/diagnostics.ts';
import { maskSecrets } from './logger.ts';
import { Problem } from './problems.ts';
import { SettingsError } from './settings.ts';
import { StoreRefused } from './store/refused.ts';
import { WrongKeyError } from './vault/canary.ts';
import { KeyRingError } from './vault/key-ring.ts';

/** What to tell a person when the process cannot start: everything needed to mend it, no stack for what is not a bug. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof ConnectorError) {
    const count = error.diagnostics.length;
    return `${error.diagnostics.map(formatDiagnostic).join('\n\n')}\n\n${count} ${count === 1 ? 'fault' : 'faults'} in the connectors.`;
  }
  if (error instanceof StoreRefused) return `The store is refused: ${error.message}`;
  if (error instanceof WrongKeyError) return `The encryption keys are refused: ${error.message}`;
  if (error instanceof KeyRingError) return `The encryption keys are refused: ${error.message}`;
  if (error instanceof Problem)
    return `${error.code}: ${error.message}${error.cause instanceof Error ? ` (${maskSecrets(error.cause.message)})` : ''}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return `The address is in use: ${error.message}. Set CORBEL_PORT or CORBEL_HOST.`;
  return maskSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
