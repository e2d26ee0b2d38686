/** What one look found. Texts hold no secrets. */
export interface Finding {
  /** What was looked at, in a word or two; public, as scripts look for it. */
  readonly check: string;
  readonly outcome: 'ok' | 'warning' | 'fault';
  readonly message: string;
  /** What to do about it; of everything that is not ok. */
  readonly remedy?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, outcome: 'ok', message };
}

export function warning(check: string, message: string, remedy: string): Finding {
  return { check, outcome: 'warning', message, remedy };
}

export function fault(check: string, message: string, remedy: string): Finding {
  return { check, outcome: 'fault', message, remedy };
}
