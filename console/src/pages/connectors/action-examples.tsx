import { Anchor, List, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ActionView } from '../../api/catalogue.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Section } from '../../components/section.tsx';

type Example = ActionView['examples'][number];

/** Examples with every request and answer, and apart from them what the action refuses. */
export function ActionExamples({ action: { examples } }: { action: ActionView }) {
  const refusals = examples.filter(({ problem }) => problem !== undefined);
  const [chosen, setChosen] = useState('0');
  const example = examples[Number(chosen)];
  const showRefusal = (refusal: Example) => setChosen(String(examples.indexOf(refusal)));
  return (
    <>
      {refusals.length > 0 && (
        <Section title="Refusals" description="Besides those that every action has: missing scopes, invalid inputs">
          <List spacing={4}>
            {refusals.map((refusal) => (
              <List.Item key={refusal.name}>
                <code>{refusal.problem?.code}</code>{' '}
                <Anchor component="button" type="button" ta="start" onClick={() => showRefusal(refusal)}>
                  {refusal.name}
                </Anchor>
              </List.Item>
            ))}
          </List>
        </Section>
      )}
      <Section title="Examples">
        {example === undefined ? (
          <Text c="dimmed">There are none.</Text>
        ) : (
          <Stack gap="md">
            {examples.length > 1 && (
              <Select
                label="Example"
                data={examples.map(({ name }, index) => ({ value: String(index), label: name }))}
                value={chosen}
                onChange={(value) => setChosen(value ?? '0')}
                allowDeselect={false}
              />
            )}
            <ShownExample example={example} only={examples.length === 1} />
          </Stack>
        )}
      </Section>
    </>
  );
}

function ShownExample({ example, only }: { example: Example; only: boolean }) {
  const { name, source, inputs, exchanges, output, problem } = example;
  return (
    <Stack gap="md">
      {only && <Text>{name}</Text>}
      <CodeBlock label="Inputs of the example" value={inputs} />
      {exchanges.map(({ request, response }, index) => {
        const nth = exchanges.length > 1 ? ` ${index + 1} of ${exchanges.length}` : '';
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an example never changes
          <Stack key={index} gap="xs">
            <CodeBlock label={`Request${nth} to the provider`} value={requestText(request)} />
            <CodeBlock label={`Its answer${nth}`} value={responseText(response)} />
          </Stack>
        );
      })}
      {output && <CodeBlock label="What the caller gets" value={output} />}
      {problem && <CodeBlock label="What the caller gets" value={problem} />}
      <Text size="sm" c="dimmed">
        Source: {source}
      </Text>
    </Stack>
  );
}

type Exchange = Example['exchanges'][number];

function requestText({ method, url, headers, body, bytes }: Exchange['request']): string {
  return messageText(`${method} ${url}`, headers, bytes === undefined ? body : `(${bytes} bytes of the file)`);
}

function responseText({ status, headers, body }: Exchange['response']): string {
  return messageText(String(status), headers, body);
}

function messageText(first: string, headers: Readonly<Record<string, string>>, body: unknown): string {
  const lines = [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const text =
    body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body, null, 2);
  return text === '' ? lines.join('\n') : `${lines.join('\n')}\n\n${text}`;
}
