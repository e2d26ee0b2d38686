import { Tabs, Text } from '@mantine/core';
import { useApi } from '../../api/api-context.tsx';
import type { ActionView } from '../../api/catalogue.ts';
import { path } from '../../api/client.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Section } from '../../components/section.tsx';
import { textsOf } from './action-call.ts';
import type { FormContent } from './call-form.tsx';
import { samplesOf } from './code-samples.ts';

const ACCOUNT_ID = /^acc_[0-9A-Za-z]+$/;

interface CodeSectionProps {
  action: ActionView;
  account: string | undefined;
  content: FormContent;
}

/** The same call for a backend. The key is not this session's: it stands in the environment of whoever calls. */
export function CodeSection({ action, account, content }: CodeSectionProps) {
  const api = useApi();
  const takesFile = action.file !== null;
  const query = takesFile ? new URLSearchParams(textsOf(content.inputs)).toString() : '';
  const samples = samplesOf({
    url: `${api.url(path`/actions/${action.id}`)}${query && `?${query}`}`,
    // What else the address names is no account, and nobody is to paste it.
    account: account !== undefined && ACCOUNT_ID.test(account) ? account : 'acc_…',
    inputs: content.inputs,
    file: takesFile ? (content.file?.name ?? 'file.bin') : undefined,
  });
  return (
    <Section
      title="The same call in code"
      description={
        <>
          The key comes from the environment variable <code>CORBEL_KEY</code>: one with the role “backend”.
        </>
      }
    >
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List>
          {samples.map(({ id, label }) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {samples.map(({ id, label, code }) => (
          <Tabs.Panel key={id} value={id} pt="sm">
            <CodeBlock label={label} value={code} />
          </Tabs.Panel>
        ))}
      </Tabs>
      {account === undefined && (
        <Text c="dimmed" size="sm" mt="xs">
          Choose an account to have its id in it.
        </Text>
      )}
    </Section>
  );
}
