import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCHEMAS = fileURLToPath(new URL('../../../docs/schema/', import.meta.url));

/** The line by which editors know the format of a file. */
export function schemaHeader(file: string, kind: 'connector' | 'actions' | 'examples'): string {
  const path = relative(dirname(file), `${SCHEMAS}${kind}.json`).split(sep).join('/');
  return `# yaml-language-server: $schema=${path}\n`;
}
