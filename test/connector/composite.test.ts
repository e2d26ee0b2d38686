import { describe, expect, it } from 'vitest';
import type { Connector, Step } from '../../src/connector/connector.ts';
import { COMPOSITE, UPLOADS } from './support/composite.ts';
import { changed, compiledOf, GOOD, requestOf } from './support/sources.ts';

const connector = compiledOf(COMPOSITE);
const action = connector.actions.get('acme_send_file');

function stepOf<Kind extends Step['kind']>(kind: Kind): Extract<Step, { kind: Kind }> | undefined {
  return action?.steps.find((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
}

describe('a composite action', () => {
  it('has its steps in order, each with its own condition, and takes a file', () => {
    expect(action?.composite).toBe(true);
    expect(action?.pagination).toBeUndefined();
    expect(action?.file).toEqual({ description: 'Any file.' });
    expect(action?.steps.map(({ id, kind, when }) => [id, kind, when?.text])).toEqual([
      ['look', 'request', undefined],
      ['label', 'request', '$exists(inputs.tags)'],
      ['upload', 'upload_parts', undefined],
      ['direct', 'upload_file', '$not($exists(steps.upload.size))'],
      ['finish', 'request', undefined],
    ]);
  });

  it('searches pages and repeats requests as declared', () => {
    const [look, label] = action?.steps ?? [];
    expect(look).toMatchObject({
      pagination: {
        style: 'offset',
        offset: 'from',
        size: 'count',
        defaultSize: 10,
        count: { text: '$count(body.parts)' },
      },
      find: { text: 'body.parts[name = $$.inputs.name]' },
    });
    expect(label).toMatchObject({ forEach: { text: 'inputs.tags' }, pagination: undefined, find: undefined });
  });

  it('sends its file only where a pattern admits the URL', () => {
    const parts = stepOf('upload_parts');
    expect(parts).toMatchObject({
      maxUrls: 25,
      minPartBytes: 5_242_880,
      maxParts: 10_000,
      urlList: { text: 'body.urls' },
    });
    expect(parts?.urls.template).toBe('/things/{folder}/urls');
    expect(parts?.origins.admit('https://a.acme-files.test/1')?.href).toBe('https://a.acme-files.test/1');
    expect(parts?.origins.admit('https://s3-eu.up.acme-files.test/1')).toBeDefined();
    expect(parts?.origins.admit('https://up.acme.test/1')).toBeUndefined();
    const whole = stepOf('upload_file');
    expect(whole?.headers.map(([name, { text }]) => [name, text])).toEqual([['content-type', '${file.content_type}']]);
    expect(whole?.origins.admit('https://a.acme-files.test/1')).toBeUndefined();
  });

  it('is called at the origins that the operator set, those of URLs given at run time included', () => {
    const overrides = new Map([
      ['https://api.acme.test', 'http://127.0.0.1:1'],
      ['https://up.acme-files.test', 'http://127.0.0.1:2'],
    ]);
    const replaced = compiledOf(COMPOSITE, overrides);
    expect(requestOf(replaced, 'acme_send_file')?.origin).toBe('http://127.0.0.1:1');
    const upload = replaced.actions.get('acme_send_file')?.steps.find(({ id }) => id === 'direct');
    expect(upload?.kind === 'upload_file' && upload.origins.admit('https://up.acme-files.test/a?b')?.href).toBe(
      'http://127.0.0.1:2/a?b',
    );
  });

  it('has requirements with the input to look at and the kind of token', () => {
    expect(action?.requires.map(({ that, ...rest }) => ({ that: that.text, ...rest }))).toEqual([
      { that: '$exists(inputs.name) or $exists(file.name)', token: undefined, input: 'name', message: 'Give a name.' },
      { that: '$exists(inputs.owner)', token: 'app', input: 'owner', message: 'Give an owner.' },
    ]);
  });

  it('has examples of all exchanges, and of calls that send nothing', () => {
    expect(
      action?.examples.map(({ exchanges, file, problem }) => [exchanges.length, file?.bytes, problem?.code]),
    ).toEqual([
      [4, 7, undefined],
      [0, undefined, 'inputs_invalid'],
    ]);
    expect(action?.examples[0]?.exchanges[2]?.request).toEqual({
      method: 'PUT',
      url: 'https://a.acme-files.test/1',
      headers: {},
      body: undefined,
      bytes: 7,
    });
  });
});

describe('an action with one request', () => {
  it('has one step, and pages of its own', () => {
    const list = connector.actions.get('acme_list_things');
    expect(list).toMatchObject({
      composite: false,
      file: undefined,
      requires: [],
      pagination: { style: 'page_number' },
    });
    expect(list?.steps).toMatchObject([{ id: 'request', kind: 'request', pagination: undefined, when: undefined }]);
  });

  it('is paged by offset with the same inputs as in other styles', () => {
    const files = changed(
      COMPOSITE,
      'actions/things.yaml',
      '{style: page_number, number: page, size: size, first: 0, more: body.next}',
      '{style: offset, offset: from, size: n, default_size: 20, max_size: 50, count: $count(body.things)}',
    );
    const list = compiledOf(files).actions.get('acme_list_things');
    expect(list?.pagination).toMatchObject({
      style: 'offset',
      offset: 'from',
      size: 'n',
      defaultSize: 20,
      total: undefined,
    });
    expect(list?.inputs.schema).toMatchObject({ properties: { page_size: { maximum: 50 }, next: { type: 'string' } } });
  });
});

describe('a request', () => {
  it('takes headers from the connector, its API and itself, the last one winning whatever the case', () => {
    const headers = (id: string, files = COMPOSITE) =>
      requestOf(compiledOf(files), id)?.headers.map(([name, { text }]) => `${name}: ${text}`);
    expect(headers('acme_get_thing')).toEqual(['x-region: ${account.region}']);
    expect(headers('acme_send_file')).toEqual(['x-region: ${account.region}-things', 'accept: text/plain']);
    const own = changed(COMPOSITE, UPLOADS, 'method: GET\n', 'method: GET\n        headers: {Accept: a/b, x-one: 1}\n');
    expect(headers('acme_send_file', own)).toEqual(['x-region: ${account.region}-things', 'accept: a/b', 'x-one: 1']);
  });

  it('has the content type of its API, or JSON', () => {
    expect(requestOf(connector, 'acme_send_file')?.contentType).toBe('application/vnd.acme+json');
    expect(requestOf(connector, 'acme_get_thing')?.contentType).toBe('application/json');
  });

  it('knows its declared path, which values may have slashes, and which statuses are answers', () => {
    const look = requestOf(connector, 'acme_send_file', 'look');
    expect(look?.template).toBe('/things/{folder}/parts');
    expect(look?.segments).toMatchObject([
      { literal: 'things' },
      { name: 'folder', slashes: true },
      { literal: 'parts' },
    ]);
    expect([...(look?.acceptStatus ?? [])]).toEqual([404]);
    expect(look?.refusedWhen?.text).toBe('body.bad');
    const thing = requestOf(connector, 'acme_get_thing');
    expect(thing?.segments[1]).toMatchObject({ name: 'thing_id', slashes: false });
    expect([thing?.acceptStatus.size, thing?.refusedWhen]).toEqual([0, undefined]);
  });

  it('has the limit of its endpoint, else that of all others of its API, else none', () => {
    const limitOf = (id: string, step?: string, of: Connector = connector) => requestOf(of, id, step)?.rateLimit;
    expect(limitOf('acme_send_file', 'look')).toEqual({ id: 'acme.things.reads', requests: 300, windowMs: 60_000 });
    expect(limitOf('acme_send_file', 'finish')?.id).toBe('acme.things.others');
    expect(limitOf('acme_get_thing')).toBeUndefined();
    const bare = compiledOf(changed(COMPOSITE, UPLOADS, 'api: things', 'api: bare'));
    expect(limitOf('acme_send_file', 'finish', bare)).toEqual({ id: 'acme.bare.writes', requests: 5, windowMs: 1_000 });
    expect(limitOf('acme_send_file', 'look', bare)).toBeUndefined();
  });

  it('may name an API of its own, whose headers and limits it then has instead of those of the action', () => {
    const other = compiledOf(
      changed(COMPOSITE, UPLOADS, '{method: POST, path: /bare', '{api: bare, method: POST, path: /bare'),
    );
    const finish = requestOf(other, 'acme_send_file', 'finish');
    expect(finish?.rateLimit?.id).toBe('acme.bare.writes');
    expect(finish?.contentType).toBe('application/json');
    expect(finish?.headers.map(([name]) => name)).not.toContain('accept');
    expect(requestOf(other, 'acme_send_file', 'look')?.rateLimit?.id).toBe('acme.things.reads');
  });
});

describe('a diagnosis', () => {
  it('has its checks in order, each with what it needs', () => {
    expect(connector.diagnosis.map(({ id, kind, needs }) => [id, kind, needs])).toEqual([
      ['token', 'token', []],
      ['thing', 'request', ['token']],
      ['person', 'manual', ['token', 'thing']],
    ]);
  });

  it('asks with the headers and limits of the API, its path from the account', () => {
    const thing = connector.diagnosis[1];
    if (thing?.kind !== 'request') throw new Error('not a request');
    expect(thing).toMatchObject({ scopes: ['read'], needsSettings: ['thing_id'], passedWhen: { text: 'body.active' } });
    expect(thing.request.rateLimit?.id).toBe('acme.things.reads');
    expect(thing.request.segments[1]).toMatchObject({ name: 'thing_id', value: { text: '${account.thing_id}' } });
    expect(thing.request.headers.map(([name]) => name)).toEqual(['x-region', 'accept']);
  });

  it('is empty where a connector has none', () => {
    expect(compiledOf(GOOD).diagnosis).toEqual([]);
  });
});
