import { describe, expect, it } from 'vitest';
import { compositeStage } from './support/composite-stage.ts';
import { incomingFile } from './support/stage.ts';

describe('a dry run of steps', () => {
  it('shows every request that needs no answer before it, and names the others', async () => {
    const { upstream, call } = await compositeStage();
    const { answer } = await call('make_or_find', { name: 'a', tags: ['x'] }, { dryRun: true });
    expect(answer?.data).toEqual({
      requests: [
        {
          step: 'look',
          method: 'GET',
          url: `${upstream.origin}/things?limit=2`,
          headers: { authorization: 'Bearer [secret]' },
          body: null,
        },
      ],
      later: [
        { step: 'make', method: 'POST', path: '/things', depends_on: ['look'] },
        { step: 'tag', method: 'PUT', path: '/things/{thing}/tags/{tag}', depends_on: ['look', 'make'] },
      ],
      token: { kind: 'app', scopes: ['a:write'] },
    });
    expect(upstream.requests).toEqual([]);
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('leaves out what is known not to be sent, and shows independent steps all', async () => {
    const { call } = await compositeStage();
    const untagged = (await call('make_or_find', { name: 'a' }, { dryRun: true })).answer?.data as {
      later: { step: string }[];
    };
    expect(untagged.later.map(({ step }) => step)).toEqual(['make']);
    const both = (await call('read_then_write', {}, { dryRun: true })).answer?.data as {
      requests: { step: string }[];
    };
    expect(both.requests.map(({ step }) => step)).toEqual(['read', 'write']);
  });

  it('needs no file', async () => {
    const { call } = await compositeStage();
    const file = incomingFile(10, { name: 'a' });
    const named = (await call('put_file', {}, { dryRun: true, file })).answer?.data;
    expect(named).toMatchObject({
      requests: [],
      later: [
        { step: 'upload', method: 'GET', path: '/urls', depends_on: [] },
        { step: 'finish', method: 'POST', path: '/finish', depends_on: ['upload'] },
      ],
    });
    const skipped = (await call('put_file', { skip: true }, { dryRun: true })).answer?.data;
    expect(skipped).toMatchObject({ requests: [{ step: 'finish', body: {} }], later: [] });
  });
});
