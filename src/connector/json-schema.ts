import { ActionsFileFormat, ConnectorFormat, ExamplesFileFormat } from './format.ts';

/**
 * The published JSON Schema of a connector's files: `connector.yaml` at the root, the other two kinds of file under `$defs`
 * (`#/$defs/actions`, `#/$defs/examples`).
 */
export function connectorJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Corbel connector',
    ...ConnectorFormat,
    $defs: { actions: ActionsFileFormat, examples: ExamplesFileFormat },
  };
}
