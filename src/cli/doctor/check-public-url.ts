import { request } from 'undici';
import type { Settings } from '../../settings.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

const WITHIN_MS = 5_000;
const MAX_CHARS = 10_000;
const CHECK = 'public URL';

/** Whether browsers can be sent to the public URL: https, and a Corbel answers there. */
export async function checkPublicUrl({ publicUrl }: Settings): Promise<Finding[]> {
  if (!publicUrl)
    return [
      warning(
        CHECK,
        'not set: links work on this machine only',
        'Set CORBEL_PUBLIC_URL to link people and for callbacks.',
      ),
    ];
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(publicUrl.hostname);
  const findings: Finding[] = [];
  if (publicUrl.protocol !== 'https:' && !local)
    findings.push(fault(CHECK, `${publicUrl.origin} is not https`, 'Put it behind TLS: links and codes go over it.'));
  const address = `${publicUrl.href.replace(/\/$/, '')}/healthz`;
  try {
    const { statusCode, body } = await request(address, { signal: AbortSignal.timeout(WITHIN_MS) });
    const text = (await body.text()).slice(0, MAX_CHARS);
    if (statusCode === 200 && isHealth(text)) findings.push(ok(CHECK, `${publicUrl.origin} answers`));
    else
      findings.push(
        fault(
          CHECK,
          `${address} answers with ${statusCode}, and is no Corbel`,
          'Look at the proxy in front: it must pass everything on.',
        ),
      );
  } catch (error) {
    const code = codeOf(error);
    const message = `${publicUrl.origin} is not reached (${code})`;
    findings.push(
      // What nobody listens on may be the server that is yet to be started.
      code === 'ECONNREFUSED'
        ? warning(CHECK, message, 'Is the server running? Else look at the proxy in front.')
        : fault(CHECK, message, 'Look at DNS, at the certificate, and at the proxy in front.'),
    );
  }
  return findings;
}

function isHealth(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'registry' in value;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
}
