import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { FaultAt, Path } from './yaml-file.ts';

/** Reports names in a list of scopes that the catalogue does not have; `at` is the path of the list. */
export function lintScopeNames(
  at: Path,
  names: readonly string[],
  catalogue: ConnectorFormat['scopes'],
  fault: FaultAt,
): void {
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(catalogue, name))
      fault([...at, index], 'ACT014', `unknown scope "${name}"${didYouMean(name, Object.keys(catalogue))}`);
  }
}
