import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { escapeHtml } from './hub-pages.ts';

export interface ConsoleRouteDependencies {
  random: Random;
  /** Its path is the prefix of every URL in the page; undefined: none. */
  publicUrl: URL | undefined;
  /** Where the built console is; by default where `npm run build:console` puts it. */
  directory?: string;
}

const BUILT = fileURLToPath(new URL('../../console/dist', import.meta.url));
const HTML = 'text/html; charset=utf-8';
const NONCE_BYTES = 16;

const MISSING = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Console not built</title>
<h1>The console is not built</h1>
<p>Run <code>npm run build:console</code> where this server was installed, then load this page again.</p>
</html>
`;

/** On every answer of the scope, refusals and assets included. */
const HEADERS: Readonly<Record<string, string>> = {
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'x-robots-tag': 'noindex, nofollow',
};

/**
 * The operators' console at `/console`, and below it wherever its own router leads; `/guides/{connector}/{authentication}`
 * is the same page, for everybody, and `/` leads to it. Nothing here needs a key: what the page shows it asks the API for.
 */
export async function consoleRoutes(scope: FastifyInstance, dependencies: ConsoleRouteDependencies): Promise<void> {
  const { random, publicUrl, directory = BUILT } = dependencies;
  const prefix = publicUrl?.pathname.replace(/\/$/, '') ?? '';
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'open' };
  });
  scope.addHook('onRequest', async (_request, reply) => {
    reply.headers({ ...HEADERS, 'content-security-policy': policy("'self'") });
  });

  // Paths that lead elsewhere or nowhere are refused in several ways, all of which mean the same.
  scope.setErrorHandler((error: FastifyError, request) => {
    if (!(error instanceof Problem) && error.statusCode !== undefined && error.statusCode < 500)
      throw new Problem('route_not_found', `There is no ${request.method} route at this path.`, { cause: error });
    throw error;
  });

  await scope.register(fastifyStatic, {
    root: `${directory}/assets`,
    prefix: '/console/assets/',
    preCompressed: true,
    index: false,
    // The names hold a hash of the content.
    immutable: true,
    // Parts of compressed files help nobody.
    acceptRanges: false,
    maxAge: '365d',
    suppressWarning: true,
    setHeaders: (reply) => reply.header('vary', 'accept-encoding'),
  });

  const page = async (_request: unknown, reply: FastifyReply) => {
    // Read anew, so that a build needs no restart; it has two kilobytes.
    const template = await readFile(`${directory}/index.html`, 'utf8').catch(() => undefined);
    // The nonce is for this answer alone.
    reply.type(HTML).header('cache-control', 'no-store');
    if (template === undefined) return reply.code(503).send(MISSING);
    const nonce = random.bytes(NONCE_BYTES).toString('base64url');
    reply.header('content-security-policy', policy(`'self' 'nonce-${nonce}'`));
    return reply.send(
      template
        .replaceAll('./assets/', () => `${escapeHtml(prefix)}/console/assets/`)
        .replace('__CORBEL_BASE__', () => escapeHtml(prefix))
        .replace('__CORBEL_NONCE__', nonce),
    );
  };
  scope.get('/', (_request, reply) => reply.redirect(`${prefix}/console`));
  scope.get('/console', page);
  scope.get('/console/*', page);
  scope.get('/guides/:connector/:authentication', page);
}

/** Nothing but our own files and our own API; style elements only with the nonce of the page. */
function policy(styles: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ');
}
