import { compileConnector, createFormatChecks, type FormatChecks } from '../src/connector/compile-connector.ts';
import { type Excerpt, type ExcerptPlace, MARK, type RulePage } from '../src/connector/rule-pages/page.ts';
import { RULE_PAGES } from '../src/connector/rule-pages/rule-pages.ts';
import { placed, SURROUNDINGS } from '../src/connector/rule-pages/surroundings.ts';
import { RULES, type RuleId } from '../src/connector/rules.ts';

const GROUPS: Readonly<Record<string, string>> = {
  YML: 'The file',
  FMT: 'The format',
  CON: 'The connector',
  ACT: 'Actions',
  EXA: 'Examples',
  GUI: 'Guides',
};

const PLACES: Readonly<Record<ExcerptPlace, string>> = {
  connector: 'in `connector.yaml`',
  action: 'in an action',
  actions: 'a file of actions',
  example: 'in an example',
  examples: 'a file of examples',
  guides: 'files of guides',
  listing: 'the folder of the connectors',
};

/** docs/rules.md: every rule with its page. What is said about a bad example is what the loader says. */
export function rulesPage(): string {
  const ids = Object.keys(RULES) as RuleId[];
  const checks = createFormatChecks();
  const groups = Object.entries(GROUPS).map(([prefix, title]) => {
    const own = ids.filter((id) => id.startsWith(prefix));
    return [`## ${title}`, ...own.map((id) => ruleSection(id, RULE_PAGES[id], checks))].join('\n\n');
  });
  const files = Object.entries(SURROUNDINGS).map(([file, text]) => `\`acme/${file}\`\n\n${block('yaml', text)}`);
  return `${[
    '<!-- Made by npm run generate from src/connector/rule-pages. -->',
    '# Rules of connectors',
    'What is wrong with a connector is refused when it is loaded, all of it at once. `corbel validate` shows every fault with its place, the rule that it is against, and what to do. Ids of rules never change their meaning, so that you can search for them.',
    ids.map((id) => `[${id}](#${id.toLowerCase()})`).join(' · '),
    ...groups,
    '## The connector around the examples',
    'Excerpts stand in this connector, in the place of its own keys of the same name. Every bad example here gives exactly the fault shown, every good one none: a test sees to it.',
    ...files,
  ].join('\n\n')}\n`;
}

function ruleSection(id: RuleId, { why, remedy, bad, good }: RulePage, checks: FormatChecks): string {
  return [
    `### ${id}`,
    `**${RULES[id]}**`,
    why,
    `*What to do:* ${remedy}`,
    `Refused, ${PLACES[bad.place]}:`,
    shownExcerpt(bad),
    ...saidOf(bad, checks).map((message) => `> ${message.replaceAll('<', '&lt;')}`),
    'Accepted:',
    shownExcerpt(good),
  ].join('\n\n');
}

function shownExcerpt({ place, text }: Excerpt): string {
  return block(place === 'listing' ? 'text' : 'yaml', text.replaceAll(MARK, ''));
}

function saidOf(bad: Excerpt, checks: FormatChecks): string[] {
  if (bad.place === 'listing') return [];
  const files = Object.entries(placed(bad)).map(([file, text]) => ({ file, text: text.replaceAll(MARK, '') }));
  const below = (folder: string) => files.filter(({ file }) => file.startsWith(`${folder}/`));
  const [connector] = files.filter(({ file }) => file === 'connector.yaml');
  if (!connector) throw new Error('an excerpt without connector.yaml');
  const [actions, examples, guides] = [below('actions'), below('examples'), below('guides')];
  const sources = { folder: 'acme', connector, actions, examples, guides };
  const compiled = compileConnector(sources, checks, new Map());
  return Array.isArray(compiled) ? compiled.map(({ message }) => message) : [];
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
