import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOfExchanges } from '../../../src/cli/explain/answers.ts';
import { readDeclaration } from '../../../src/cli/explain/declaration.ts';
import { explain } from '../../../src/cli/explain/explain.ts';
import { type ExplainOptions, explainCommand } from '../../../src/cli/explain/explain-command.ts';
import type { Explanation } from '../../../src/cli/explain/told.ts';
import { loadRegistry } from '../../../src/connector/load.ts';
import { maskSecretsIn } from '../../../src/scrub/mask.ts';
import { memoryTerminal, startAcme } from '../run/support.ts';
import { corbel } from '../support/corbel.ts';

const AUTODESK = 'connectors';
const NOTES = `- id: create_note
  label: Create Note
  description: A note.
  effect: create
  scopes: []
  token: any
  inputs: { text: { type: string }, size: { type: integer }, secret: { type: string } }
  request:
    method: POST
    path: /v1/notes
    content_type: application/x-www-form-urlencoded
    body: { note: { text: "\${inputs.text}", size: "\${inputs.size}", client_secret: "\${inputs.secret}" }, tags: [a] }
  output:
    object: body.data
    item: '{ "id": id, "text": attributes.txt }'
    fields: { id: { type: string }, text: { type: string } }
`;

let folder: string;
let acme: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corbel-explain-'));
  const started = await startAcme();
  acme = join(folder, 'connectors');
  await cp(started.directory, acme, { recursive: true });
  await started.close();
  await writeFile(join(acme, 'acme', 'actions', 'notes.yaml'), NOTES);
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

function options(change: Partial<ExplainOptions>): ExplainOptions {
  return {
    ...{ directory: acme, inputs: [], account: [], auth: undefined, scopes: undefined, profileActions: undefined },
    ...{ example: undefined, answers: [], statuses: [], headers: [] },
    ...change,
  };
}

async function explained(action: string, change: Partial<ExplainOptions>): Promise<Explanation & { code: number }> {
  const terminal = memoryTerminal({}, true);
  const code = await explainCommand(terminal, action, options(change));
  return { ...(JSON.parse(terminal.out.join('')) as Explanation), code };
}

async function answerFile(body: unknown): Promise<string> {
  const path = join(folder, `answer-${Math.random()}.json`);
  await writeFile(path, typeof body === 'string' ? body : JSON.stringify(body));
  return path;
}

describe('corbel explain', () => {
  it('names where the value of a field went missing, to the column', async () => {
    const body = { data: { id: '7', attributes: { title: 'Seven', name: 'seven' } } };
    const told = await explained('acme.get_thing', { inputs: ['id=7'], answers: [await answerFile(body)] });
    const [field, ...others] = told.output?.fields ?? [];
    expect(others).toEqual([]);
    expect(field).toMatchObject({
      name: 'title',
      fault: 'missing',
      why: [
        {
          path: 'body.data.attributes.titel',
          message: 'body.data.attributes has no member "titel"; it has title, name — did you mean "title"?',
          did_you_mean: 'title',
        },
      ],
    });
    const { file = '', line = 0, column = 0 } = field?.why[0]?.place ?? {};
    const lines = (await readFile(join(process.cwd(), file), 'utf8')).split('\n');
    expect(lines[line - 1]?.slice(column - 1)).toBe('titel');
    expect(told.code).toBe(0);
  });

  it('shows a form as it is sent, with texts as values and what is secret masked', async () => {
    const inputs = ['text=a&b', 'size=5', 'secret=very-secret-text'];
    const told = await explained('acme.create_note', { inputs });
    const [request] = told.steps[0]?.requests ?? [];
    expect(request?.form).toEqual([
      ['note[text]', 'a&b'],
      ['note[size]', '5'],
      ['note[client_secret]', '[secret]'],
      ['tags[0]', 'a'],
    ]);
    expect(request?.parts.find(({ name }) => name === 'note.size')).toMatchObject({ value: '5' });
    const terminal = memoryTerminal({}, false);
    await explainCommand(terminal, 'acme.create_note', options({ inputs }));
    expect(terminal.out.join('\n')).toContain('note[text]=a&b');
  });

  it('tells what is missing in an object that is shaped as an item', async () => {
    const body = { data: { id: '7', attributes: { text: 'Seven' } } };
    const told = await explained('acme.create_note', { answers: [await answerFile(body)] });
    expect(told.output).toMatchObject({ object: { expression: 'body.data' }, data: { id: '7' } });
    const [missing] = told.output?.fields[0]?.why ?? [];
    expect(missing).toMatchObject({ path: 'body.data.attributes.txt', did_you_mean: 'text' });
    const { file = '', line = 0, column = 0 } = missing?.place ?? {};
    const lines = (await readFile(join(process.cwd(), file), 'utf8')).split('\n');
    expect(lines[line - 1]?.slice(column - 1)).toMatch(/^txt /);
  });

  it('tells the same of items of a list, of other types, and of what is not declared', async () => {
    const body = {
      things: [
        { id: 'x', title: 'a', owner: 'me' },
        { id: 2, title: 'b', owner: {} },
      ],
      next_page_token: 'n',
    };
    const told = await explained('acme.list_things', { answers: [await answerFile(body)] });
    expect(told.output?.list).toMatchObject({ expression: 'body.things', items: 2 });
    expect(told.output?.paging).toMatchObject({ more: true, next: 'n' });
    const faults = told.output?.fields.map(({ name, fault, items, found }) => ({ name, fault, items, found }));
    expect(faults).toEqual([
      { name: 'id', fault: 'other_type', items: 1, found: 'string' },
      { name: 'owner', fault: 'missing', items: 2, found: undefined },
      { name: 'email', fault: 'missing', items: 2, found: undefined },
      { name: 'url', fault: 'missing', items: 2, found: undefined },
    ]);
    const why = told.output?.fields.find(({ name }) => name === 'owner')?.why[0];
    expect(why?.message).toBe('body.things.owner is a text, which has no member "display_name"');
  });

  it('shows each request with what it is made of, and nothing secret', async () => {
    const told = await explained('acme.list_things', { inputs: ['limit=3', 'owner=x'], account: ['team=red'] });
    const request = told.steps[0]?.requests[0];
    expect(request?.url).toBe('https://api.acme.example/v1/things?owner=x&team=red&limit=3');
    expect(request?.headers).toMatchObject({ 'x-api-key': '[secret]' });
    expect(request?.parts.map(({ name, outcome, value }) => [name, outcome, value])).toEqual([
      ['owner', 'value', 'x'],
      ['team', 'value', 'red'],
      ['limit', 'value', 3],
    ]);
    const other = await explained('acme.list_things', { auth: 'app' });
    expect(other.steps[0]?.requests[0]?.headers.authorization).toBe('Bearer [secret]');
    expect(other.steps[0]?.requests[0]?.parts[0]).toMatchObject({
      outcome: 'left_out',
      why: [{ path: 'inputs.owner', message: 'the input "owner" was not given' }],
    });
    expect(told.outcome).toBe('unanswered');
  });

  it('goes on as if after a refusal of the gate, an input or a setting', async () => {
    const told = await explained('autodesk.list_projects', {
      directory: AUTODESK,
      scopes: ['data:write'],
      profileActions: ['get_hub'],
      inputs: ['page_size=0', 'hubid=1'],
      account: ['region=MOON'],
    });
    expect(told.code).toBe(1);
    expect(told.gate.refusal?.code).toBe('action_disabled');
    expect(told.gate.scopes).toContainEqual({ scope: 'data:read', by: 'action', held: false });
    const refused = [...told.inputs, ...told.account].filter(({ state }) => state === 'refused');
    expect(refused.map(({ name }) => name).sort()).toEqual(['hub_id', 'hubid', 'page_size', 'region']);
    expect(told.steps[0]).toMatchObject({ outcome: 'failed', problem: { code: 'path_value_rejected' } });
  });

  it('tries the error rules one by one until one holds', async () => {
    const refusal = { answers: [await answerFile({ code: 'other', message: 'no' })], statuses: [403] };
    const told = await explained('acme.get_thing', { inputs: ['id=7'], ...refusal });
    expect(told.outcome).toBe('refusal');
    const answer = told.steps[0]?.requests[0]?.answer;
    expect(answer?.rules.map(({ expression, holds }) => [expression, holds])).toEqual([
      ['body.code = "nope"', false],
      ['status = 403', true],
    ]);
    expect(answer?.refusal?.code).toBe('provider_forbidden');
  });

  it('masks what an answer has of secrets', async () => {
    const body = { data: { id: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', api_key: 'planted-key' } };
    const told = await explained('acme.get_thing', { inputs: ['id=7'], answers: [await answerFile(body)] });
    expect(JSON.stringify(told)).not.toMatch(/eyJhbGci|planted-key/);
  });

  it('walks through the steps of a composite action with an example', async () => {
    const told = await explained('autodesk.upload_file_in_project_folder', { directory: AUTODESK, example: '1' });
    expect(told.outcome).toBe('answer');
    const outcomes = told.steps.map(({ id, outcome }) => `${id} ${outcome}`);
    expect(outcomes).toContain('upload taken');
    expect(outcomes).toContain('create_version left_out');
    const alone = await explained('autodesk.upload_file_in_project_folder', {
      directory: AUTODESK,
      inputs: ['project_id=b.1', 'folder_id=urn:x'],
    });
    expect(alone.steps.find(({ id }) => id === 'upload')).toMatchObject({
      outcome: 'depends',
      depends_on: ['storage'],
    });
  });

  it('comes to what the examples of every action declare', async () => {
    const registry = await loadRegistry(AUTODESK);
    const wrong: string[] = [];
    for (const [index, action] of [...registry.actions.values()].entries()) {
      // Reading the declarations takes long; what is special stands in the composite ones.
      if (index % 4 !== 0 && !action.composite) continue;
      const connector = registry.connectors.get(action.connector);
      const declaration = await readDeclaration(AUTODESK, process.cwd(), action);
      for (const { name, inputs, account, exchanges, file, output } of connector ? action.examples.slice(0, 2) : []) {
        if (!connector) continue;
        const told = await explain({
          ...{ connector, action, declaration, inputs, account, file, nowMs: 0 },
          assumption: { auth: undefined, scopes: undefined, actions: undefined },
          answers: answersOfExchanges(exchanges),
        });
        const data = told.output?.data ?? null;
        if (output ? !isDeepStrictEqual(data, maskSecretsIn(output.data)) : told.outcome === 'answer')
          wrong.push(`${action.id}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is readable, and suggests the best example', async () => {
    const { code, stdout, stderr } = await corbel(['explain', 'autodesk.get_hub', 'hub_id=b.1'], {});
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Gate\n {2}✓ let through$/m);
    expect(stdout).toContain('GET https://developer.api.autodesk.com/project/v1/hubs/b.1');
    expect(stdout).toContain('authorization: Bearer [secret]');
    expect(stderr).toContain('--example "A hub is given with its region and type."');
  });

  it.each([
    ['acme.get_thin', {}, /did you mean "acme_get_thing"/],
    ['acme.get_thing', { auth: 'keys' }, /did you mean "key"/],
    ['acme.get_thing', { example: 'none' }, /no example/],
    ['acme.get_thing', { inputs: ['nonsense'] }, /is no inputs/],
    ['acme.get_thing', { answers: ['/nowhere'] }, /cannot be read \(ENOENT\)/],
  ])('refuses what it does not understand: %s %j', async (action, change, message) => {
    await expect(explained(action, change)).rejects.toThrow(message);
  });
});
