import type { IncomingHttpHeaders } from 'node:http';
import type { SandboxApp } from './defaults.ts';
import { type AppRegistry, sameText } from './oauth-apps.ts';
import { invalidRequest, noCredentials, wrongCredentials } from './oauth-errors.ts';

/** A body of another type is not read as a form, so the first thing that is missed is what it should have said. */
export function readForm(headers: IncomingHttpHeaders, body: string): URLSearchParams {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return new URLSearchParams(type === 'application/x-www-form-urlencoded' ? body : '');
}

/** RFC 6749 §3.2: no parameter more than once. */
export function refuseRepeated(form: URLSearchParams): void {
  const repeated = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (repeated !== undefined) throw invalidRequest(`The parameter '${repeated}' must not be repeated.`);
}

/**
 * The app that asks: by Basic credentials or by the body's, never both; a public app by its `client_id` in the body alone.
 * Throws `OauthRefusal`: 400 for both, 401 otherwise.
 */
export function authenticateClient(headers: IncomingHttpHeaders, form: URLSearchParams, apps: AppRegistry): SandboxApp {
  const accepts = readCredentials(headers.authorization, form);
  const app = apps.list().find(accepts);
  if (app === undefined) throw wrongCredentials();
  return app;
}

function readCredentials(authorization: string | undefined, form: URLSearchParams): (app: SandboxApp) => boolean {
  const bodyId = form.get('client_id');
  const bodySecret = form.get('client_secret');
  if (authorization === undefined) {
    if (bodyId === null) throw noCredentials();
    return (app) => fits(app, bodyId, bodySecret ?? undefined);
  }
  if (bodyId !== null || bodySecret !== null) {
    throw invalidRequest(
      "The 'client_id' is not supported in the request body when Authorization headers are present.",
    );
  }
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1];
  const [id, secret] = splitOnce(Buffer.from(encoded ?? '', 'base64').toString('utf8'), ':');
  if (encoded === undefined || secret === undefined) throw noCredentials();
  // RFC 6749 form-encodes both halves and the provider's guide does not; its own ids have no character that differs.
  return (app) => fits(app, id, secret) || fits(app, formDecode(id), formDecode(secret));
}

/** A public app must not send a secret, not even an empty one. */
function fits(app: SandboxApp, id: string, secret: string | undefined): boolean {
  if (!sameText(app.clientId, id)) return false;
  if (app.clientSecret === undefined || secret === undefined) return app.clientSecret === secret;
  return sameText(app.clientSecret, secret);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function formDecode(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}
