import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/connector/connector.ts';
import type { Guide } from '../../src/connector/guide.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { guideMarkdown } from '../../src/guide/guide-markdown.ts';
import { type GuideView, viewGuide } from '../../src/guide/view-guide.ts';

const VALUES = {
  callback_url: 'https://corbel.example.com/connect/oauth2/x/callback',
  public_url: 'https://corbel.example.com',
};
const NEXT = ['Create the connector profile', 'Link accounts'];
const PROVISIONING = 'Add the app as a custom integration';

const registry = await loadRegistry('connectors');
const autodesk = connectorOf('autodesk');
const listed = JSON.parse(readFileSync('test/fixtures/aps/actions.json', 'utf8')) as { id: string; scopes: string[] }[];

describe.each([...registry.connectors.values()])('the guides of $id', (connector) => {
  it('are there for every authentication', () => {
    expect([...connector.guides.keys()].sort()).toEqual([...connector.authentication.keys()].sort());
  });

  it.each([...connector.guides.values()])(
    'say for $authentication what is to be done and what comes next',
    async (guide) => {
      const all = await viewGuide(connector, guide, [...connector.actions.values()], VALUES);
      expect(titlesOf(all).slice(-2)).toEqual(NEXT);
      expect(guideMarkdown(all)).not.toMatch(/undefined|\$\{|\[object/);
      // A part that no action at all needs would never be read.
      expect(titlesOf(all)).toEqual([...guide.sections.map(({ title }) => title), ...NEXT]);
    },
  );
});

describe('the two-legged guide of Autodesk', () => {
  const guide = guideOf('two_legged');
  const view = (actions: readonly Action[]) => viewGuide(autodesk, guide, actions, VALUES);

  it.each(listed)('adjusts itself to $id alone', async ({ id, scopes }) => {
    const shown = await view([actionOf(id)]);
    expect(shown.selection).toMatchObject({ scopes: [...scopes].sort(), actions: [id] });
    const { label } = actionOf(id);
    const needsAccount = scopes.some((scope) => scope.startsWith('account:'));
    const provisioning = shown.sections.find(({ title }) => title === PROVISIONING);
    expect(provisioning?.required_for).toEqual(needsAccount ? [label] : undefined);
    const [register] = shown.sections;
    expect(register?.steps.find(({ scopes: list }) => list)?.scopes).toEqual({
      names: [...scopes].sort(),
      descriptions: [...scopes].sort().map((scope) => autodesk.scopes.get(scope)?.description),
      enables: [label],
    });
    for (const scope of scopes)
      expect(guideMarkdown(shown)).toContain(`- \`${scope}\`: ${autodesk.scopes.get(scope)?.description}\n`);
    const apis = register?.steps.find(({ title }) => title === 'Select the APIs')?.items.join('\n') ?? '';
    expect(apis.includes('Autodesk Construction Cloud API')).toBe(needsAccount);
    expect(apis.includes('Data Management API')).toBe(scopes.some((scope) => /^(data|bucket):/.test(scope)));
    expect(apis.includes('Webhooks API')).toBe(/webhook/.test(id));
  });

  it('shows for all actions every part, and for whom', async () => {
    const all = await view([...autodesk.actions.values()]);
    const provisioning = all.sections.find(({ title }) => title === PROVISIONING);
    const account = listed.filter(({ scopes }) => scopes.some((scope) => scope.startsWith('account:')));
    expect(provisioning?.required_for?.length).toBe(account.length);
    expect(titlesOf(all)).toHaveLength(guide.sections.length + NEXT.length);
  });

  it('offers nothing that needs a person, whom this way does not have', async () => {
    const personal = actionOf('autodesk_get_current_user');
    expect((await view([personal])).selection).toMatchObject({ scopes: [], actions: [] });
    const byPerson = await viewGuide(autodesk, guideOf('three_legged'), [personal], VALUES);
    expect(byPerson.selection).toMatchObject({ scopes: ['user-profile:read'], actions: [personal.id] });
  });

  it('is the same for a selection in any order', async () => {
    const some = [...autodesk.actions.values()].slice(0, 4);
    expect(await view([...some].reverse())).toEqual(await view(some));
  });

  it('shows for no action only what everybody does', async () => {
    const none = await view([]);
    expect(titlesOf(none)).toEqual(['Register the app', ...NEXT]);
    expect(none.sections[0]?.steps.map(({ title }) => title)).not.toContain('Choose the scopes');
    expect(none.selection.scopes).toEqual([]);
  });

  it("names this server's callback URL", async () => {
    expect(guideMarkdown(await view([]))).toContain(`\`${VALUES.callback_url}\``);
  });
});

function connectorOf(id: string) {
  const connector = registry.connectors.get(id);
  if (!connector) throw new Error(`no connector ${id}`);
  return connector;
}

function guideOf(authentication: string): Guide {
  const guide = autodesk.guides.get(authentication);
  if (!guide) throw new Error(`no guide ${authentication}`);
  return guide;
}

function actionOf(id: string): Action {
  const action = registry.actions.get(id);
  if (!action) throw new Error(`no action ${id}`);
  return action;
}

function titlesOf({ sections }: GuideView): string[] {
  return sections.map(({ title }) => title);
}
