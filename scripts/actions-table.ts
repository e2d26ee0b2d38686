import type { Action, Registry } from '../src/connector/connector.ts';

/** The table of all actions, in Markdown. */
export function actionsTable({ connectors }: Registry): string {
  return [...connectors.values()]
    .map(({ label, actions }) => {
      const rows = [...actions.values()].sort((one, other) => one.id.localeCompare(other.id)).map(row);
      return [
        `${label}: ${actions.size} actions`,
        '',
        '| action | what | effect | scopes | token |',
        '| --- | --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}

function row({ id, label, docs, effect, scopes, providerScopes, token, file }: Action): string {
  const further = providerScopes.filter((scope) => !scopes.includes(scope));
  const asked = [
    scopes.map((scope) => `\`${scope}\``).join(' '),
    further.length > 0 ? `(provider: ${further.map((scope) => `\`${scope}\``).join(' ')})` : '',
  ];
  const what = docs === undefined ? label : `[${label}](${docs})`;
  return `| \`${id}\` | ${what}${file ? ', takes a file' : ''} | ${effect} | ${asked.filter(Boolean).join(' ')} | ${token} |`;
}
