import type { Scope } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { YamlFile } from './yaml-file.ts';

/** Lints and compiles the catalogue of scopes: each with everything that it implies. A cycle is reported once. */
export function compileScopes(
  file: YamlFile,
  { scopes: declared }: ConnectorFormat,
  faults: Diagnostic[],
): Map<string, Scope> {
  const scopes = new Map(Object.entries(declared));
  for (const [name, { includes = [] }] of scopes) {
    for (const [index, included] of includes.entries()) {
      if (scopes.has(included)) continue;
      const message = `unknown scope "${included}"${didYouMean(included, scopes.keys())}`;
      faults.push(file.at(['scopes', name, 'includes', index], 'CON004', message));
    }
  }
  const inReportedCycle = new Set<string>();
  const compiled = new Map<string, Scope>();
  for (const [name, { description }] of scopes) {
    const { covers, cycle } = coverOf(name, scopes);
    if (cycle && !cycle.some((member) => inReportedCycle.has(member))) {
      const message = `scope "${name}" includes itself: ${[...cycle, name].join(' → ')}`;
      faults.push(file.at(['scopes', name], 'CON004', message, { key: true }));
    }
    for (const member of cycle ?? []) inReportedCycle.add(member);
    compiled.set(name, { description, covers });
  }
  return compiled;
}

/** Breadth first: each scope is looked at once, however many ways lead to it. */
function coverOf(
  name: string,
  scopes: ReadonlyMap<string, ConnectorFormat['scopes'][string]>,
): { covers: Set<string>; cycle: string[] | undefined } {
  const reachedFrom = new Map<string, string>();
  const covers = new Set([name]);
  let cycle: string[] | undefined;
  for (const at of covers) {
    for (const included of scopes.get(at)?.includes ?? []) {
      if (included === name) cycle ??= wayTo(at, reachedFrom);
      if (covers.has(included) || !scopes.has(included)) continue;
      covers.add(included);
      reachedFrom.set(included, at);
    }
  }
  return { covers, cycle };
}

function wayTo(name: string, reachedFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let at: string | undefined = name; at !== undefined; at = reachedFrom.get(at)) way.unshift(at);
  return way;
}
