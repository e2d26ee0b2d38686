import type { Action, Example } from '../connector/connector.ts';
import { valueRows } from './describe-value.ts';
import { block, code, line, table } from './markdown.ts';

// Enough to see the shape; whoever wants more calls it.
const MAX_ANSWER_LINES = 40;

/** One action in the reference: what it needs, takes and gives, and how it is called. Markdown, below a heading of level 2. */
export function actionSection(action: Action): (string | undefined)[] {
  const { id, label, description, docs, output } = action;
  const inputs = valueRows(action.inputs.schema);
  const fields = valueRows((output.schema.items as Action['output']['schema'] | undefined) ?? output.schema);
  const shown = action.examples.find((example) => example.output) ?? action.examples[0];
  return [
    `## ${line(label)}`,
    `${code(id)} — ${line(description)}${docs === undefined ? '' : ` ([the provider's page](${docs}))`}`,
    facts(action),
    inputs.length > 0 ? '### Inputs' : undefined,
    inputs.length > 0 ? table(['input', 'type', 'required or default', 'what'], inputs) : undefined,
    action.requires.length > 0
      ? action.requires
          .map(({ message, token }) => `- ${token ? `With ${token} tokens: ` : ''}${line(message)}`)
          .join('\n')
      : undefined,
    '### Answer',
    output.kind === 'list' ? 'A list; each item has:' : 'An object:',
    fields.length > 0
      ? table(
          ['field', 'type', 'what'],
          fields.map(([name = '', type = '', , what = '']) => [name, type, what]),
        )
      : 'As the provider gives it.',
    ...(shown ? exampleOf(action, shown) : []),
    ...refusals(action),
  ];
}

function facts({ effect, scopes, providerScopes, token, pagination, file, composite }: Action): string {
  const listed = (names: readonly string[]) => (names.length > 0 ? names.map(code).join(' ') : 'none');
  const further = providerScopes.filter((scope) => !scopes.includes(scope));
  return [
    `- Effect: ${effect}`,
    `- Scopes: ${listed(scopes)}${further.length > 0 ? `; the provider's reference asks for ${listed(further)} besides` : ''}`,
    `- Token: ${token === 'any' ? 'of the app or of a person' : token === 'app' ? 'of the app' : 'of a person'}`,
    ...(pagination ? ['- Pages: send `next` of an answer back as the input `next`'] : []),
    ...(file ? [`- Takes a file${file.description === undefined ? '' : `: ${line(file.description)}`}`] : []),
    ...(composite ? ['- Sends several requests'] : []),
  ].join('\n');
}

function exampleOf(action: Action, { inputs, name, output }: Example): string[] {
  return [
    '### Example',
    line(name),
    block('sh', action.file ? fileCall(action, inputs) : jsonCall(action, inputs)),
    ...(output ? [block('json', shortened(JSON.stringify(output.data, null, 2)))] : []),
  ];
}

const HEAD = (id: string) => `curl -s -X POST "$CORBEL/actions/${id}`;
const HEADERS = `  -H "authorization: Bearer $KEY" -H "x-account-id: $ACCOUNT"`;

function jsonCall({ id }: Action, inputs: Example['inputs']): string {
  const lines = [`${HEAD(id)}"`, HEADERS];
  if (Object.keys(inputs).length > 0)
    lines.push(`  -H 'content-type: application/json' -d '${JSON.stringify(inputs).replaceAll("'", `'\\''`)}'`);
  return lines.join(' \\\n');
}

function fileCall({ id }: Action, inputs: Example['inputs']): string {
  const query = Object.entries(inputs)
    .map(([name, value]) => `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('&');
  return [
    `${HEAD(id)}${query === '' ? '' : `?${query}`}"`,
    HEADERS,
    `  -H 'content-type: application/octet-stream' --data-binary @file`,
  ].join(' \\\n');
}

function shortened(json: string): string {
  const lines = json.split('\n');
  return lines.length <= MAX_ANSWER_LINES
    ? json
    : [...lines.slice(0, MAX_ANSWER_LINES), `… ${lines.length - MAX_ANSWER_LINES} more lines`].join('\n');
}

function refusals({ examples }: Action): string[] {
  const refused = examples.flatMap(({ name, problem }) =>
    problem ? [`- [${code(problem.code)}](../../errors.md#${problem.code}): ${line(name)}`] : [],
  );
  return refused.length > 0 ? ['### Refusals', refused.join('\n')] : [];
}
