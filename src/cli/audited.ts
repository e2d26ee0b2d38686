import { userInfo } from 'node:os';
import type { Custody } from '../assemble.ts';
import type { AuditDeed } from '../audit/entries.ts';
import type { AuditActor } from '../domain/audit-record.ts';

/** Something done at the command line. */
export interface CommandDeed<Result> extends AuditDeed {
  /** What is known of it only when it is done. */
  completed?: (result: Result) => Partial<AuditDeed>;
}

/**
 * Does the work and has the project's audit trail tell of it; refuses (`store_unavailable`) what cannot be written down first.
 */
export async function audited<Result>(
  { store, vault }: Custody,
  project: string,
  { completed, ...deed }: CommandDeed<Result>,
  work: () => Promise<Result>,
): Promise<Result> {
  const [{ createAudit }, { systemClock }, { createLogger }, { systemRandom }] = await Promise.all([
    import('../audit/audit.ts'),
    import('../clock.ts'),
    import('../logger.ts'),
    import('../random.ts'),
  ]);
  const logger = createLogger('warn', process.stderr);
  const audit = createAudit(
    { store, vault, clock: systemClock, random: systemRandom, logger },
    { retentionMs: 0, upkeep: false },
  );
  try {
    return await audit.perform(project, localUser(), deed, work, completed);
  } finally {
    await audit.close();
  }
}

/** Whoever runs the command, as far as the machine knows. */
function localUser(): AuditActor {
  return { key: null, name: userName(), role: null, via: 'cli' };
}

function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number only.
    return null;
  }
}
