import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { PROBLEMS, type Problem } from '../problems.ts';

/** What the page's script does, or nothing where the server said it all. */
export type HubPage = 'link' | 'device' | 'done' | 'refused';

/** The pages and assets of the hub, read once. */
export interface HubPages {
  page(kind: Exclude<HubPage, 'refused'>, assets: string): string;
  /** A refusal as a page, for a browser that came by a redirect and has no script running. */
  refusal(problem: Problem, requestId: string, assets: string): string;
  readonly css: string;
  readonly script: string;
}

// Nothing but our own two files, nowhere to send anything, in nobody's frame.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer of a scope, refusals included. */
export const HUB_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  // A popup must be able to tell the page that opened it.
  'cross-origin-opener-policy': 'unsafe-none',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'x-robots-tag': 'noindex, nofollow',
};

export function loadHubPages(): HubPages {
  const read = (name: string) => readFileSync(new URL(`../hub/${name}`, import.meta.url), 'utf8');
  const template = read('hub.html');
  const fill = (kind: HubPage, assets: string, content: string) =>
    // Functions: a text with "$&" in it must not mean anything.
    template
      .replaceAll('{{assets}}', () => assets)
      .replace('{{page}}', () => kind)
      .replace('{{content}}', () => content);
  return {
    page: (kind, assets) => fill(kind, assets, '<p class="quiet">One moment…</p>'),
    refusal: (problem, requestId, assets) =>
      fill(
        'refused',
        assets,
        [
          `<h1>${escapeHtml(PROBLEMS[problem.code].title)}</h1>`,
          `<p>${escapeHtml(problem.message)}</p>`,
          `<p>${escapeHtml(problem.options.hint ?? PROBLEMS[problem.code].hint)}</p>`,
          `<p class="quiet">Reference: <code>${escapeHtml(requestId)}</code></p>`,
        ].join('\n'),
      ),
    css: read('hub.css'),
    script: read('hub.js'),
  };
}

/** Sets the hub's headers before anything else happens to a request of the scope. */
export function setHubHeaders(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (_request, reply) => {
    reply.headers(HUB_HEADERS);
  });
}

/** A text for the content or an attribute of an element. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
