import { apiOf } from '../../openapi/import-operation.ts';
import { createNotes } from '../../openapi/notes.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Ask } from './ask.ts';
import { answersOf, declareAction, methodComplaint, methodOf } from './declared-action.ts';
import type { NewAction, OpenedConnector } from './new-action.ts';
import { completed, nonEmptyComplaint, pathComplaint } from './wanted.ts';

export interface ActionFlags {
  path?: string;
  method?: string;
  answers?: 'list' | 'object';
  at: string;
  label?: string;
  description?: string;
  docs?: string;
  api?: string;
  token?: 'app' | 'user' | 'any';
  scope?: string[];
  input?: string[];
  field?: string[];
}

/** A new action after flags and answers. Throws {@link CommandFailure} (usage) for what is missing or wrong. */
export async function describeAction(
  id: string,
  flags: ActionFlags,
  { declared, actions }: Pick<OpenedConnector, 'declared' | 'actions'>,
  ask: Ask | undefined,
): Promise<NewAction> {
  if (!/^body(\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(flags.at))
    throw new CommandFailure(EXIT.usage, '--at: write a path in the answer, such as body.data');
  if (flags.docs !== undefined && !/^https:\/\/\S+$/.test(flags.docs))
    throw new CommandFailure(EXIT.usage, '--docs: write a URL that begins with https://');
  const usual = methodOf(id);
  const sentence = `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll('_', ' ')}.`;
  const { path, method, description } = await completed(
    {
      path: {
        flag: '--path <path>',
        message: 'Path at the provider, {name} for what varies',
        given: flags.path,
        check: pathComplaint,
      },
      method: {
        flag: '--method <method>',
        message: 'HTTP method',
        given: flags.method,
        ...(usual !== undefined && { default: usual }),
        check: methodComplaint,
      },
      description: {
        flag: '--description <text>',
        message: 'What it does, in a sentence',
        given: flags.description,
        default: sentence,
        check: nonEmptyComplaint,
      },
    },
    ask,
  );
  const answers =
    flags.answers ?? (ask ? await ask.choose('What does the provider answer?', kindsFor(id)) : answersOf(id));
  const notes = createNotes();
  const api = flags.api ?? apiOf(path, { actions, connector: declared }, notes);
  const { at, label, docs, token = 'any', scope: scopes = [], input: inputs = [], field: fields = [] } = flags;
  const words = { id, path, method, description, answers, at, label, docs, api, token, scopes, inputs, fields };
  return { ...declareAction(words), notes: notes.list(), newScopes: new Map() };
}

function kindsFor(id: string) {
  const kinds = [
    { value: 'list' as const, name: 'a list' },
    { value: 'object' as const, name: 'one object' },
  ];
  return answersOf(id) === 'list' ? kinds : kinds.reverse();
}
