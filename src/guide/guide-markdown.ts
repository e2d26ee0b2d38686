import type { GuideView, SectionView, StepView } from './view-guide.ts';

/** The guide as one Markdown document, ending in a line break. */
export function guideMarkdown({ title, summary, warning, selection, sections }: GuideView): string {
  const { scopes, provider_scopes } = selection;
  const further =
    provider_scopes.length > 0 ? `\n\nThe provider's reference asks for ${listed(provider_scopes)} besides.` : '';
  return paragraphs([
    `# ${title}`,
    summary,
    warning && `> **Before you begin:** ${warning.replaceAll('\n', '\n> ')}`,
    scopes.length > 0 ? `Scopes for the selected actions: ${listed(scopes)}.${further}` : null,
    ...sections.map(sectionMarkdown),
  ]);
}

function sectionMarkdown({ title, text, required_for, steps }: SectionView): string {
  return paragraphs([`## ${title}`, badge('Required for', required_for), text, ...steps.map(stepMarkdown)]).trimEnd();
}

function stepMarkdown({ title, text, required_for, items, scopes }: StepView, index: number): string {
  return paragraphs([
    `### ${index + 1}. ${title}`,
    badge('Required for', required_for),
    scopes && badge('Enables actions', scopes.enables),
    text,
    items.length > 0 ? items.map(listItem).join('\n') : null,
    scopes === null ? null : scopeList(scopes),
  ]).trimEnd();
}

function scopeList({ names, descriptions }: NonNullable<StepView['scopes']>): string {
  return names.map((name, at) => listItem([`\`${name}\``, descriptions[at]].filter(Boolean).join(': '))).join('\n');
}

function listItem(text: string): string {
  return `- ${text.replaceAll('\n', '\n  ')}`;
}

function badge(name: string, actions: readonly string[] | null): string | null {
  return actions && `_${name}: ${actions.join(', ')}_`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}

function paragraphs(parts: readonly (string | null)[]): string {
  return `${parts.filter((part) => part !== null && part !== '').join('\n\n')}\n`;
}
