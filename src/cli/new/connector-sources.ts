import { type ConnectorSources, compileConnector, type FormatChecks } from '../../connector/compile-connector.ts';
import type { Connector } from '../../connector/connector.ts';
import { ConnectorError, type Diagnostic } from '../../connector/diagnostics.ts';

/** A file of a connector as it is to be. */
export interface FileChange {
  /** Below the connector's folder, such as `actions/buckets.yaml`. */
  path: string;
  /** The text that it has now; undefined where there is none. */
  before: string | undefined;
  after: string;
}

type Part = 'actions' | 'examples' | 'guides';

/** The sources with changed files, as if they were written. Names in diagnostics are those that the files will have. */
export function withChanges(sources: ConnectorSources, base: string, changes: readonly FileChange[]): ConnectorSources {
  return changes.reduce((all, { path, after }) => withFile(all, `${base}/${path}`, path, after), sources);
}

function withFile(sources: ConnectorSources, file: string, path: string, text: string): ConnectorSources {
  if (path === 'connector.yaml') return { ...sources, connector: { ...sources.connector, text } };
  const part = path.split('/')[0] as Part;
  const others = sources[part].filter((one) => one.file !== file);
  return { ...sources, [part]: [...others, { file, text }] };
}

/** The compiled connector; throws {@link ConnectorError} with everything that is wrong with it. */
export function compiled(sources: ConnectorSources, checks: FormatChecks): Connector {
  const result = compileConnector(sources, checks, new Map());
  if (Array.isArray(result)) throw new ConnectorError(result satisfies Diagnostic[]);
  return result;
}
