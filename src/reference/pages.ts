import type { Action, Connector } from '../connector/connector.ts';
import { guideMarkdown } from '../guide/guide-markdown.ts';
import { viewGuide } from '../guide/view-guide.ts';
import { actionSection } from './action-section.ts';
import { valueRows } from './describe-value.ts';
import { anchorOf, code, document, line, table } from './markdown.ts';

/** First line of every page: who finds a mistake should look in the connector's files. */
export const MADE_BY = '<!-- Made by "corbel docs" from the files of the connector. -->';

// The pages are read in the repository, too, where no server has an address.
const PUBLIC_URL = 'https://corbel.example.com';

/** The reference of a connector, by file name: an index, a page for each resource, the set-up guides. All end in a line break. */
export async function referencePages(connector: Connector): Promise<Map<string, string>> {
  const resources = Map.groupBy([...connector.actions.values()], ({ resource }) => resource);
  const pages = new Map([['README.md', document([MADE_BY, ...indexPage(connector, resources)])]]);
  for (const [resource, actions] of resources)
    pages.set(`${resource}.md`, document([MADE_BY, ...resourcePage(connector, resource, actions)]));
  for (const guide of connector.guides.values()) {
    const view = await viewGuide(connector, guide, [...connector.actions.values()], {
      public_url: PUBLIC_URL,
      callback_url: `${PUBLIC_URL}/connect/oauth2/${connector.id}/callback`,
    });
    pages.set(guidePage(guide.authentication), document([MADE_BY, guideMarkdown(view).trimEnd()]));
  }
  return pages;
}

function guidePage(authentication: string): string {
  return `guide-${authentication}.md`;
}

function indexPage(connector: Connector, resources: ReadonlyMap<string, readonly Action[]>): (string | undefined)[] {
  const { label, description, docs, version, authentication, scopes, accountSettings, actions, guides } = connector;
  const settings = valueRows(accountSettings.schema);
  return [
    `# ${line(label)}`,
    `${line(description)}${docs === undefined ? '' : ` ([the provider's documentation](${docs}))`}`,
    [
      `- Connector: ${code(connector.id)}${version === undefined ? '' : `, version ${version}`}`,
      `- Actions: ${actions.size}`,
    ].join('\n'),
    '## Ways to authenticate',
    table(
      ['authentication', 'what', 'tokens', 'set-up'],
      [...authentication.values()].map(({ id, label: name, description: what, tokens }) => [
        code(id),
        what === undefined ? line(name) : `${line(name)}: ${line(what)}`,
        [...tokens].join(', '),
        guides.has(id) ? `[guide](${guidePage(id)})` : '',
      ]),
    ),
    settings.length > 0 ? '## Settings of an account' : undefined,
    settings.length > 0 ? table(['setting', 'type', 'required or default', 'what'], settings) : undefined,
    '## Scopes',
    table(
      ['scope', 'what', 'implies'],
      [...scopes].map(([scope, { description: what, covers }]) => [
        code(scope),
        line(what),
        [...covers]
          .filter((covered) => covered !== scope)
          .map(code)
          .join(' '),
      ]),
    ),
    '## Actions',
    ...[...resources].flatMap(([resource, own]) => [
      `### [${titleOf(resource)}](${resource}.md)`,
      table(
        ['action', 'what', 'effect', 'scopes'],
        own.map((action) => [
          `[${code(action.id)}](${resource}.md#${anchorOf(action.label)})`,
          line(action.description),
          action.effect,
          action.scopes.map(code).join(' '),
        ]),
      ),
    ]),
  ];
}

function resourcePage({ label, id }: Connector, resource: string, actions: readonly Action[]): (string | undefined)[] {
  return [
    `# ${line(label)}: ${titleOf(resource)}`,
    `[All actions of ${code(id)}](README.md)`,
    ...actions.flatMap(actionSection),
  ];
}

function titleOf(resource: string): string {
  const words = resource.replaceAll(/[-_]+/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
