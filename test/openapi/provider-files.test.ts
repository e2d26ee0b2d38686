import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { completeExamples } from '../../src/cli/new/complete-examples.ts';
import { compiled, withChanges } from '../../src/cli/new/connector-sources.ts';
import { type OpenedConnector, openConnector } from '../../src/cli/new/new-action.ts';
import { listItemText } from '../../src/cli/new/yaml-text.ts';
import { createFormatChecks } from '../../src/connector/compile-connector.ts';
import type { Connector } from '../../src/connector/connector.ts';
import { readDocument } from '../../src/openapi/document.ts';
import { type ImportedOperation, importOperation } from '../../src/openapi/import-operation.ts';
import { listOperations, type Operation, operationName } from '../../src/openapi/operations.ts';
import { UNCOVERED_ACTIONS } from '../connectors/support/specification-mistakes.ts';

const FOLDER = 'test/fixtures/aps/openapi';
const FILES = [
  'accountadmin',
  'authentication',
  'datamanagement',
  'Issues',
  'modelderivative',
  'oss',
  'secureServiceAccount',
  'webhooks',
];

interface One {
  file: string;
  operation: Operation;
  id: string;
  imported: ImportedOperation;
}

let opened: OpenedConnector;
let all: One[];
let connector: Connector;

beforeAll(async () => {
  opened = await openConnector('connectors', 'autodesk');
  const { declared, actions, sources } = opened;
  all = FILES.flatMap((file) => {
    const document = readDocument(readFileSync(`${FOLDER}/${file}.yaml`, 'utf8'));
    return listOperations(document).map((operation, index): One => {
      const id = `imported_${file.toLowerCase()}_${index}`;
      const into = { connector: declared, actions, id, addScopes: false };
      return { file, operation, id, imported: importOperation(document, operation, into) };
    });
  });
  // As they would stand in files of their own, beside all that is there. Throws with the faults, if there are some.
  const changes = FILES.map((file) => ({
    path: `actions/imported-${file}.yaml`,
    before: undefined,
    after: all.flatMap((one) => (one.file === file ? [listItemText(one.imported.action)] : [])).join('\n'),
  }));
  connector = compiled(withChanges(sources, 'connectors/autodesk', changes), createFormatChecks());
});

describe("the provider's own files", () => {
  it('can be imported operation by operation, and each action is valid unedited', () => {
    expect(all.length).toBeGreaterThan(140);
    expect(all.filter(({ id }) => !connector.actions.has(`autodesk_${id}`)).map(({ id }) => id)).toEqual([]);
  });

  it('give YAML that reads back as the same, with no line that is longer than people read', () => {
    for (const { imported, operation } of all) {
      const text = listItemText(imported.action);
      expect({ [operationName(operation)]: parse(text) }).toEqual({ [operationName(operation)]: [imported.action] });
      expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
    }
  });

  it('cover the actions of the connector: the operations of each are among them', () => {
    const patterns = all.map(({ operation: { method, path } }) => ({
      method,
      pattern: new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    }));
    const actions = [...connector.actions.values()].filter(
      ({ id, examples }) => examples.length > 0 && !UNCOVERED_ACTIONS.has(id),
    );
    const missing = actions.filter(({ examples }) =>
      examples
        .flatMap(({ exchanges }) => exchanges.map(({ request }) => request))
        .every(
          ({ method, url }) =>
            !patterns.some((one) => one.method === method && one.pattern.test(new URL(url).pathname)),
        ),
    );
    expect(actions.length).toBeGreaterThan(40);
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  // Pages by cursor, JSON:API, a literal in the body, a body that is a list, an answer without a body.
  it.each(['get_buckets', 'getHubProjects', 'createItem', 'importUsers', 'revoke'])(
    'give examples that pass: %s',
    async (name) => {
      const one = all.find(({ operation }) => operation.id === name);
      const action = connector.actions.get(`autodesk_${one?.id}`);
      if (!one || !action) throw new Error(`there is no ${name}`);
      const { examples, notes } = await completeExamples(connector, action, one.imported.examples);
      expect(notes).toEqual([]);
      expect(examples).toHaveLength(action.pagination ? 3 : 2);
      expect(parse(examples.map((example) => listItemText(example)).join('\n'))).toEqual(examples);
    },
  );
});
