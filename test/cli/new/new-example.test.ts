import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Ask } from '../../../src/cli/new/ask.ts';
import { type NewExampleOptions, newExample } from '../../../src/cli/new/new-example.ts';
import { type CommandFailure, EXIT } from '../../../src/cli/outcome.ts';
import type { ExampleFormat } from '../../../src/connector/format.ts';
import { memoryTerminal, startAcme } from '../run/support.ts';
import { corbel, corbelHere } from '../support/corbel.ts';

const COPY = `
- id: copy_thing
  label: Copy Thing
  description: A copy.
  effect: create
  scopes: []
  token: any
  inputs:
    id: { type: string, required: true }
  steps:
    - id: original
      request: { method: GET, path: "/v1/things/{id}" }
    - id: copy
      request:
        method: POST
        path: /v1/things
        content_type: application/x-www-form-urlencoded
        body: { title: "\${steps.original.body.title}" }
  output: { object: steps.copy.body }
`;

let directory: string;
let files: string;
beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'corbel-answers-'));
  const started = await startAcme();
  directory = join(files, 'connectors');
  await cp(started.directory, directory, { recursive: true });
  await started.close();
  const actions = join(directory, 'acme/actions/things.yaml');
  await writeFile(actions, `${await readFile(actions, 'utf8')}${COPY}`);
});
afterAll(() => rm(files, { recursive: true, force: true, maxRetries: 3 }));

async function answer(body: unknown): Promise<string> {
  const path = join(files, `answer-${Math.random()}.json`);
  await writeFile(path, typeof body === 'string' ? body : JSON.stringify(body));
  return path;
}

function made(name: string, change: Partial<NewExampleOptions>, ask?: Ask) {
  const nothing = { inputs: [], account: [], answers: [], statuses: [], headers: [] };
  const plain = { ...nothing, name: undefined, source: undefined, problem: false, fileBytes: undefined, write: false };
  return newExample(memoryTerminal({}, false), directory, name, { ...plain, ...change }, ask);
}

async function refusal(name: string, change: Partial<NewExampleOptions>): Promise<CommandFailure> {
  return made(name, change).then(
    () => expect.unreachable('it was made'),
    (error: unknown) => error as CommandFailure,
  );
}

describe('corbel new example', () => {
  it('fills in the request and the output of a documented answer, and passes its test', async () => {
    const body = await answer({ things: [{ id: 1, title: 'One' }], next_page_token: 'n' });
    const flags = ['--name', 'One of many.', '--source', 'the reference', '--connectors', directory];
    const ran = await corbel(['new', 'example', 'acme.list_things', 'limit=1', '--answer', body, ...flags, '--json']);
    expect(ran.code).toBe(0);
    const file = join(directory, 'acme/examples/things.yaml');
    const [example] = parse(await readFile(file, 'utf8')) as ExampleFormat[];
    expect(JSON.parse(ran.stdout)).toMatchObject({
      action: 'acme_list_things',
      example,
      file: { created: true },
      written: true,
    });
    expect(example).toEqual({
      name: 'One of many.',
      action: 'list_things',
      source: 'the reference',
      inputs: { limit: 1 },
      request: { method: 'GET', url: 'https://api.acme.example/v1/things?team=blue&limit=1' },
      response: { status: 200, body: { things: [{ id: 1, title: 'One' }], next_page_token: 'n' } },
      output: { data: [{ id: 1, title: 'One' }], more: true },
    });
    expect((await corbelHere(['test', 'acme', '--connectors', directory])).code).toBe(0);
    // A second one of that name would be told apart by nobody.
    const again = await refusal('acme.list_things', { answers: [body], name: 'One of many.' });
    expect(again.exitCode).toBe(EXIT.usage);
  });

  it('shows a refusal only where one is wanted, be it of the provider or of Corbel itself', async () => {
    const given = { inputs: ['id=7'], answers: [await answer('<h1>No</h1>')], statuses: ['404'] };
    expect((await refusal('acme.get_thing', given)).hint).toContain('--problem');
    const { example } = await made('acme.get_thing', { ...given, problem: true });
    expect(example).toMatchObject({
      response: { status: 404, body: '<h1>No</h1>' },
      problem: { code: 'provider_not_found' },
    });
    expect((await made('acme.get_thing', { problem: true })).example).toEqual({
      name: 'Get Thing: refused with inputs_invalid.',
      action: 'get_thing',
      source: "the provider's reference",
      problem: { code: 'inputs_invalid' },
    });
    const answered = { inputs: ['id=7'], answers: [await answer({ data: { id: '7' } })], problem: true };
    expect(await refusal('acme.get_thing', answered)).toMatchObject({ exitCode: EXIT.found });
  });

  it('takes an answer for each request of a composite action, no fewer and no more', async () => {
    const both = [await answer({ title: 'Tap' }), await answer({ id: '8', title: 'Tap' })];
    const { example } = await made('acme.copy_thing', { inputs: ['id=7'], answers: both, statuses: ['200', '201'] });
    expect(example.exchanges?.map(({ request, response }) => [request.url, request.body, response.status])).toEqual([
      ['https://api.acme.example/v1/things/7', undefined, 200],
      ['https://api.acme.example/v1/things', { title: 'Tap' }, 201],
    ]);
    const [first = '', second = ''] = both;
    for (const answers of [[first], [first, second, second]])
      expect(await refusal('acme.copy_thing', { inputs: ['id=7'], answers })).toMatchObject({ exitCode: EXIT.found });
    const many = await refusal('acme.get_thing', { inputs: ['id=7'], answers: [first, second] });
    expect(many).toMatchObject({ exitCode: EXIT.usage });
  });

  it('asks on a terminal for what is missing', async () => {
    const body = await answer({ data: { id: '7' } });
    const asked: string[] = [];
    const ask: Ask = {
      async text({ message, default: fallback }) {
        asked.push(message);
        return message.startsWith('File') ? body : message.startsWith('id') ? '7' : (fallback ?? 'acme.get_thing');
      },
      choose: () => expect.unreachable('nothing is to be chosen'),
    };
    const nothing = { ...{ inputs: [], account: [], answers: [], statuses: [], headers: [] }, problem: false };
    const options = { ...nothing, name: undefined, source: undefined, fileBytes: undefined, write: false };
    const { example } = await newExample(memoryTerminal({}, false), directory, undefined, options, ask);
    expect(example).toMatchObject({ name: 'Get Thing.', inputs: { id: '7' }, output: { data: { id: '7' } } });
    expect(asked).toHaveLength(6);
    const alone = newExample(memoryTerminal({}, false), directory, undefined, options, undefined);
    await expect(alone).rejects.toMatchObject({ exitCode: EXIT.usage });
  });

  it('gives headers to all answers or to one', async () => {
    const given = { inputs: ['id=7'], statuses: ['429'], problem: true, headers: ['Retry-After: 3', '1:x-a:b'] };
    const { example } = await made('acme.get_thing', given);
    expect(example.response).toEqual({ status: 429, headers: { 'retry-after': '3', 'x-a': 'b' } });
    for (const headers of [['2:x-a:b'], ['no header'], ['a b: c'], ['x: \u0001']])
      expect(await refusal('acme.get_thing', { ...given, headers })).toMatchObject({ exitCode: EXIT.usage });
  });
});
