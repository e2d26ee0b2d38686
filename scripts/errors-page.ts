import { RULE_CODES } from '../src/connector/connector.ts';
import { type Fault, PROBLEMS, Problem, type ProblemCode, problemDocument } from '../src/problems.ts';

const FAULTS: Readonly<Record<Fault, string>> = {
  caller: 'The caller: the request, the inputs or the key. Mend the call.',
  operator: 'The operator: the connector profile, the account, or the app at the provider.',
  provider: 'The provider: it failed, was too slow, or gave something unusable.',
  network: 'The network between Corbel and the provider.',
  server: 'Corbel itself, or its store.',
};

const INTRODUCTION = `# Errors

Every refusal is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with the media type
\`application/problem+json\`. Decide by \`code\`, which never changes its meaning; texts may change.`;

const MEMBERS = `| member | what |
| --- | --- |
| \`type\` | \`urn:corbel:problem:<code>\` |
| \`title\` | The code in words. |
| \`status\` | The HTTP status of the answer. |
| \`detail\` | What happened this time. |
| \`code\` | One of the codes below. |
| \`fault\` | Whose doing it is: ${Object.keys(FAULTS)
  .map((fault) => `\`${fault}\``)
  .join(', ')}. |
| \`retryable\` | Whether the same call may succeed later. It can differ from the table where Corbel knows better, for example when a write may have happened already. |
| \`request_id\` | Stands in Corbel's logs as well. Also in the header \`x-request-id\`. |
| \`hint\` | What to do. An error rule of the connector, or the place that refuses, may give a more exact one than below. |
| \`errors\` | With invalid requests: a list of \`{path, message}\`; \`path\` is a JSON pointer into the body. |
| \`provider\` | With refusals of the provider: \`{status, code, message, request_id}\`, as far as it gave them. |

With many retryable refusals comes the header \`Retry-After\`, in seconds. Some codes add members of their own; read past those that
you do not know.`;

const RULES = `Codes marked with **rule** are those that an error rule of a connector may give
([format](connector-format.md#error-rule)).`;

/** The page of all error codes as Markdown, by whose fault they are. */
export function errorsPage(): string {
  const example = problemDocument(
    new Problem('provider_not_found', 'The provider answered 404.', {
      provider: { status: 404, code: 'ISSUE_UNKNOWN', message: 'No such issue', request_id: 'f3a1' },
    }),
    'req_1',
  );
  const groups = (Object.entries(FAULTS) as [Fault, string][]).map(([fault, meaning]) => ({
    heading: `Fault of the ${fault}`,
    meaning,
    codes: (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => PROBLEMS[code].fault === fault),
  }));
  const index = groups.map(
    ({ heading, codes }) =>
      `- [${heading}](#${heading.toLowerCase().replaceAll(' ', '-')}): ${codes.map((code) => `[\`${code}\`](#${code})`).join(', ')}`,
  );
  return `${[
    '<!-- made by npm run generate from src/problems.ts -->',
    INTRODUCTION,
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
    MEMBERS,
    '## All codes',
    RULES,
    index.join('\n'),
    ...groups.flatMap(({ heading, meaning, codes }) => [`## ${heading}`, meaning, ...codes.map(entry)]),
  ].join('\n\n')}\n`;
}

function entry(code: ProblemCode): string {
  const { status, title, retryable, hint } = PROBLEMS[code];
  const marks = [
    `**${status}**`,
    retryable ? 'retryable' : 'not retryable',
    ...(RULE_CODES.has(code) ? ['**rule**'] : []),
  ];
  return `### ${code}\n\n${title}. ${marks.join(' · ')}\n\n${plain(hint)}`;
}

/** Text in which Markdown is to see nothing of its own. */
function plain(text: string): string {
  return text.replace(/[\\`*_<[\]]/g, '\\$&');
}
