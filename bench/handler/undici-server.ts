import { Pool } from 'undici';
import { createHandler, type ProjectsDocument } from './app.ts';
import { readEnvironment, serve } from './environment.ts';
import { createTokenCache } from './token.ts';

// Baseline (a): the handler on undici, the fastest client that Node has.

const CONNECTIONS = 128;

const environment = readEnvironment();
const pool = new Pool(environment.providerOrigin, { connections: CONNECTIONS });
const token = createTokenCache(pool, environment);

const app = createHandler(environment.key, async ({ hubId, pageNumber, pageSize }) => {
  const response = await pool.request({
    method: 'GET',
    path: `/project/v1/hubs/${encodeURIComponent(hubId)}/projects?page[number]=${pageNumber}&page[limit]=${pageSize}`,
    headers: { accept: 'application/vnd.api+json', authorization: `Bearer ${await token()}` },
  });
  const text = await response.body.text();
  if (response.statusCode !== 200) throw new Error(`the provider answered ${response.statusCode}`);
  return JSON.parse(text) as ProjectsDocument;
});
await serve(app);
