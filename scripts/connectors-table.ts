import type { Registry } from '../src/connector/connector.ts';
import { code, line, table } from '../src/reference/markdown.ts';

/** The table of all connectors, in Markdown, leading to the reference of each. */
export function connectorsTable({ connectors }: Registry): string {
  const rows = [...connectors.values()].map(({ id, label, actions, authentication, guides }) => {
    const reference = `docs/connectors/${id}`;
    const methods = [...authentication.values()].map(({ id: method, label: name }) =>
      guides.has(method) ? `[${name}](${reference}/guide-${method}.md)` : name,
    );
    return [code(id), line(label), `[${actions.size} actions](${reference}/README.md)`, methods.join(', ')];
  });
  return table(['connector', 'provider', 'reference', 'set-up guides'], rows);
}
