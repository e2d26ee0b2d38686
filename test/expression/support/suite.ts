import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SUITE = join(import.meta.dirname, '../../fixtures/jsonata-suite');

/** A case of the language's own suite (MIT, see its LICENSE), which is unchanged. */
export interface SuiteCase {
  readonly id: string;
  readonly expression: string;
  readonly data: unknown;
  readonly fails: boolean;
  readonly result: unknown;
}

export function suiteCases(): SuiteCase[] {
  const datasets = new Map(
    readdirSync(join(SUITE, 'datasets')).map((file): [string, unknown] => [
      file.replace('.json', ''),
      JSON.parse(readFileSync(join(SUITE, 'datasets', file), 'utf8')),
    ]),
  );
  return readdirSync(join(SUITE, 'groups')).flatMap((group) =>
    readdirSync(join(SUITE, 'groups', group))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const content: unknown = JSON.parse(readFileSync(join(SUITE, 'groups', group, file), 'utf8'));
        const entries = (Array.isArray(content) ? content : [content]) as Record<string, unknown>[];
        const name = `${group}/${file.replace('.json', '')}`;
        return entries.map((entry, index): SuiteCase => {
          const own = entry.expr ?? readFileSync(join(SUITE, 'groups', group, String(entry['expr-file'])), 'utf8');
          return {
            id: entries.length > 1 ? `${name}#${index}` : name,
            expression: withBindings(String(own), entry.bindings),
            data: 'data' in entry ? entry.data : datasets.get(String(entry.dataset)),
            fails: 'code' in entry || 'error' in entry,
            result: entry.undefinedResult === true ? undefined : entry.result,
          };
        });
      }),
  );
}

/** Nothing is ever bound from outside here, so that the suite's bindings become part of the expression. */
function withBindings(expression: string, bindings: unknown): string {
  return Object.entries(bindings ?? {}).reduce(
    (whole, [name, value]) => `($${name} := ${JSON.stringify(value)}; ${whole})`,
    expression,
  );
}
