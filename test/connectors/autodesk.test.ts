import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { renderPath } from '../../src/engine/render-path.ts';
import { isTrimmed } from './support/json.ts';
import { readOperations } from './support/openapi.ts';

const FIXTURES = 'test/fixtures/aps';

interface ListedAction {
  id: string;
  label: string;
  scopes: string[];
}

const registry = await loadRegistry('connectors');
const actions = [...registry.actions.values()].filter(({ connector }) => connector === 'autodesk');
/** What there is besides the operators' guide. */
const FURTHER: readonly ListedAction[] = [
  { id: 'autodesk_get_current_user', label: 'Get Current User', scopes: ['user-profile:read'] },
];
const listed: ListedAction[] = [...JSON.parse(readFileSync(`${FIXTURES}/actions.json`, 'utf8')), ...FURTHER];

describe("Autodesk's actions and the operators' guide", () => {
  it('are the same, but for those that are named here', () => {
    expect(actions.map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
  });

  it.each(actions)('$id has the label and the scopes of the guide', ({ id, label, scopes }) => {
    expect({ id, label, scopes }).toEqual(listed.find((action) => action.id === id));
  });
});

describe("the examples of Autodesk's actions", () => {
  it.each(actions)('$id shows every input', ({ inputs, examples }) => {
    const shown = examples.flatMap((example) => Object.keys(example.inputs));
    expect([...inputs.names].filter((name) => name !== 'next' && !shown.includes(name))).toEqual([]);
  });

  it.each(actions)('$id shows an answer and a refusal', ({ examples }) => {
    expect(examples.some(({ output }) => output !== undefined)).toBe(true);
    expect(examples.some(({ problem }) => problem !== undefined)).toBe(true);
  });

  const operations = ['datamanagement', 'webhooks'].flatMap((file) =>
    readOperations(`${FIXTURES}/openapi/${file}.yaml`),
  );
  const specified = actions.flatMap((action) =>
    action.examples
      .filter(({ source }) => source.startsWith("Autodesk's OpenAPI"))
      .map((example) => ({ title: `${action.id}: ${example.name}`, example })),
  );

  it.each(specified)('$title has an answer of the OpenAPI, trimmed but not altered', ({ example }) => {
    const [, status, id] = /example of (?:the (\d{3}) of )?([\w-]+)/.exec(example.source) ?? [];
    const answers = operations.find((operation) => operation.id === id)?.examples;
    const bodies = (status === undefined ? (answers?.get('200') ?? answers?.get('201')) : answers?.get(status)) ?? [];
    expect(bodies.some((body) => isTrimmed(example.exchanges[0]?.response.body, body))).toBe(true);
  });

  it('include the recorded list of hubs with a warning about one region, whole', () => {
    const recorded = JSON.parse(readFileSync(`${FIXTURES}/recorded/hubs_with_region_warning.json`, 'utf8'));
    const example = actions
      .flatMap(({ examples }) => examples)
      .find(({ source }) => source.startsWith('recorded live APS traffic'));
    expect(example?.exchanges[0]?.response.body).toEqual(recorded.response.body);
    expect(example?.output?.warnings).toHaveLength(1);
  });
});

const UUID = 'c2960674-2d1e-4cc8-a5f0-4b9026fd3f5d';
// A team hub's id may be as long as a UUID.
const TEAM_ID = 'a.YnVzaW5lc3M6YXV0b2Rlc2syNTkzIzIwMT';

describe("ids of Data Management in Autodesk's actions", () => {
  const paths = actions.flatMap((action) =>
    action.steps.flatMap((step) => {
      if (step.kind !== 'request' || !/^\/(data|project)\/v1\//.test(step.request.template)) return [];
      const { segments, template } = step.request;
      return template.includes('{project_id}') || template.includes('{hub_id}')
        ? [{ title: `${action.id} ${step.id}`, action, segments }]
        : [];
    }),
  );

  it.each(paths)('$title takes an id with its prefix, without it, and that of a team hub', async (path) => {
    const sent = (id: string) => idsSent(path, id);
    expect(await sent(`b.${UUID}`)).toEqual([`b.${UUID}`]);
    expect(await sent(UUID)).toEqual([`b.${UUID}`]);
    expect(TEAM_ID).toHaveLength(UUID.length);
    expect(await sent(TEAM_ID)).toEqual([TEAM_ID]);
  });

  async function idsSent(
    { action, segments }: { action: Action; segments: (typeof paths)[0]['segments'] },
    id: string,
  ) {
    const given = [...action.inputs.names].map((name) => [name, /^(hub|project)_id$/.test(name) ? id : 'other']);
    const path = await renderPath(segments, { inputs: Object.fromEntries(given) });
    return [...new Set(decodeURIComponent(path).match(/\b[ab]\.[A-Za-z0-9-]+/g))];
  }
});

describe("the uploads of Autodesk's actions", () => {
  const uploads = actions.flatMap((action) =>
    action.steps.flatMap((step) => (step.kind === 'request' ? [] : [{ id: action.id, origins: step.origins }])),
  );

  it.each(uploads)('$id go to the storage only', ({ origins }) => {
    const admitted = [
      'https://com-autodesk-oss-direct-upload.s3-accelerate.amazonaws.com/signed-url-uploads/x?partNumber=1',
      'https://com-autodesk-oss-prodemea-direct-upload.s3-accelerate.amazonaws.com/signed-url-uploads/x',
      'https://oss-bucket-name.s3.amazonaws.com/4F',
      'https://oss-bucket-name.s3.eu-west-1.amazonaws.com/4F',
      'https://d1abcdef.cloudfront.net/4F',
    ];
    expect(admitted.filter((url) => !origins.admit(url))).toEqual([]);
    const refused = [
      'http://oss-bucket-name.s3.amazonaws.com/',
      'https://oss-bucket-name.s3.amazonaws.com:8443/',
      'https://user@oss-bucket-name.s3.amazonaws.com/',
      'https://s3.amazonaws.com/oss-bucket-name',
      'https://oss-bucket-name.s3.amazonaws.com.example.org/',
      'https://example.org/.s3.amazonaws.com/',
      'https://ec2.eu-west-1.amazonaws.com/',
      'https://developer.api.autodesk.com/oss/v2/signedresources/x',
      'https://169.254.169.254/',
      'https://localhost/',
    ];
    expect(refused.filter((url) => origins.admit(url))).toEqual([]);
  });
});

it("takes the position of the next page out of Autodesk's URLs, whatever letters it has", async () => {
  const { pagination } = registry.actions.get('autodesk_list_bucket_objects') ?? {};
  if (pagination?.style !== 'cursor') throw new Error('autodesk_list_bucket_objects has no cursor');
  const next = (query: string) =>
    pagination.next.evaluate({ body: { next: `https://developer.api.autodesk.com/oss/v2/buckets/b/objects${query}` } });
  expect(await next('?startAt=a%2Fb%20c+d%2B%C3%9F%26&limit=1')).toBe('a/b c d+ß&');
  expect(await next('?limit=1&startAt=last')).toBe('last');
  expect(await next('?limit=1')).toBeUndefined();
  expect(await pagination.next.evaluate({ body: { items: [] } })).toBeUndefined();
});
