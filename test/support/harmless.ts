import { expect } from 'vitest';
import type { ProblemCode } from '../../src/problems.ts';
import { type AnyJson, expectProblem, type Reply } from './client.ts';
import type { World } from './server.ts';

/** The refusal has this code, changes nothing, and the provider hears nothing; gives the document. */
export async function expectHarmless(world: World, code: ProblemCode, call: () => Promise<Reply>): Promise<AnyJson> {
  const before = await snapshot(world);
  const document = expectProblem(await call(), code);
  expect(await snapshot(world)).toEqual(before);
  return document;
}

async function snapshot({ operator, sandbox }: World): Promise<AnyJson> {
  const lists = ['/connector_profiles', '/accounts', '/api_keys', '/projects'].map(async (path) => {
    const { data } = (await operator.get(`${path}?limit=100`)).json;
    return data.map(({ last_used_at: _used, last_call_at: _called, ...rest }: AnyJson) => rest);
  });
  return { lists: await Promise.all(lists), sent: (await sandbox.log()).count };
}
