import type { Answer } from './answer.ts';
import type { AuthorizationRequest } from './oauth-authorize.ts';
import { NO_STORE } from './oauth-errors.ts';
import { AUTHORIZE_PATH } from './oauth-paths.ts';
import type { Person } from './sandbox-people.ts';

/** Nothing is loaded and nothing is run. `form-action` is left out: it would also forbid the redirect to the app. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
const STYLE = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
fieldset { margin: 1.5rem 0; }
select, button { font: inherit; padding: .5rem 1rem; }
select { max-width: 100%; }
button { margin-right: .5rem; }
label.scope { display: block; }`;

/** The form in which a person signs in as somebody and allows or denies; it is posted with the query it was asked by. */
export function consentPage(request: AuthorizationRequest, query: string, people: readonly Person[]): Answer {
  const options = people.map(
    ({ id, name, email, description }) =>
      `<option value="${escapeHtml(id)}">${escapeHtml(`${name} <${email}>, ${description}`)}</option>`,
  );
  const scopes = request.scopes.map(
    (scope) =>
      `<label class="scope"><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked> ${escapeHtml(scope)}</label>`,
  );
  const app = escapeHtml(request.app.name ?? request.app.clientId);
  return page(
    200,
    'Sandbox sign-in',
    `<h1>${app} asks for access</h1>
<p>This is a simulated provider: nobody's data is behind it.</p>
<form method="post" action="${AUTHORIZE_PATH}">
<input type="hidden" name="request" value="${escapeHtml(query)}">
<p><label for="user">Sign in as</label><br>
<select id="user" name="user">
${options.join('\n')}
</select></p>
<fieldset><legend>What ${app} may do</legend>
${scopes.join('\n')}
</fieldset>
<p>You will be sent to <code>${escapeHtml(request.redirectUri)}</code>.</p>
<p><button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button></p>
</form>`,
  );
}

/** For what must not be told to the callback. */
export function errorPage(message: string): Answer {
  return page(400, 'Sandbox sign-in failed', `<h1>The request is not in order</h1>\n<p>${escapeHtml(message)}</p>`);
}

export function redirectAnswer(location: string): Answer {
  return { status: 302, headers: { ...NO_STORE, Location: location }, body: Buffer.alloc(0) };
}

function page(status: number, title: string, content: string): Answer {
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
  const headers = { ...NO_STORE, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY };
  return { status, headers, body: Buffer.from(html) };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
