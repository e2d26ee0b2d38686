import { Stack, Text } from '@mantine/core';
import { CodeBlock } from '../../components/code-block.tsx';
import { JsonView } from './json-view.tsx';

interface ShownRequest {
  step?: string;
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

interface LaterRequest {
  step: string;
  method: string;
  path: string;
  depends_on: readonly string[];
}

/** The answer of a dry run. */
interface DryRunAnswer {
  requests: readonly ShownRequest[];
  later?: readonly LaterRequest[];
  token?: { kind?: string; scopes?: readonly string[] };
}

/** What would be sent to the provider, with the credential masked. */
export function DryRun({ answer }: { answer: unknown }) {
  if (!isDryRun(answer)) return <JsonView label="Answer" value={answer} />;
  const { requests, later = [], token } = answer;
  return (
    <Stack gap="md">
      <Text c="dimmed">
        Nothing was sent.
        {token?.kind !== undefined &&
          ` It would go with ${token.kind === 'app' ? 'the app’s' : 'the account’s own'} token${
            token.scopes && token.scopes.length > 0 ? ` for ${token.scopes.join(', ')}` : ''
          }.`}
      </Text>
      {requests.map((request, index) => (
        <CodeBlock
          // biome-ignore lint/suspicious/noArrayIndexKey: requests without identity, in their order
          key={index}
          label={request.step === undefined ? 'Request to the provider' : `Request of the step ${request.step}`}
          value={httpText(request)}
        />
      ))}
      {later.length > 0 && (
        <div>
          <Text fw={500}>Then, by what was answered</Text>
          <ul>
            {later.map(({ step, method, path, depends_on }) => (
              <li key={step}>
                <code>
                  {method} {path}
                </code>{' '}
                <Text span c="dimmed">
                  ({step}, after {depends_on.join(', ') || 'the others'})
                </Text>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  );
}

/** A request as HTTP/1.1 has it, roughly; for people. */
function httpText({ method, url, headers, body }: ShownRequest): string {
  const head = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (body === null || body === undefined) return head.join('\n');
  return [...head, '', typeof body === 'string' ? body : JSON.stringify(body, null, 2)].join('\n');
}

function isDryRun(answer: unknown): answer is DryRunAnswer {
  return typeof answer === 'object' && answer !== null && 'requests' in answer && Array.isArray(answer.requests);
}
