import { Anchor, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ActionView, actionOptions } from '../../api/catalogue.ts';
import { problemOf } from '../../api/problem.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { fieldsOf, pointerTo } from '../../schema-form/object-schema.ts';
import { AccountPicker } from '../accounts/account-picker.tsx';
import { ActionPicker } from './action-picker.tsx';
import { CallAnswer } from './call-answer.tsx';
import { CallForm, type FormContent } from './call-form.tsx';
import { CodeSection } from './code-section.tsx';
import classes from './try-it.module.css';
import { useCall } from './use-call.ts';

const CHOICES = ['account', 'action'] as const;

/** Calls an action for an account, as a backend would. Which, stands in the address; inputs never do. */
export function TryItPage() {
  const api = useApi();
  const { values, set } = useFilters(CHOICES);
  const { account, action: actionId } = values;
  const action = useQuery({ ...actionOptions(api, actionId ?? ''), enabled: actionId !== undefined });
  return (
    <>
      <PageHeader title="Try it" description="Calls an action for an account, just as your backend would." />
      <Section title="Call">
        <div className={classes.choices}>
          <AccountPicker value={account} onChange={(id) => set('account', id)} />
          <ActionPicker account={account} value={actionId} onChange={(id) => set('action', id)} />
        </div>
      </Section>
      <div className={classes.below}>
        {actionId === undefined ? (
          <EmptyState title="Choose an account and an action" text="The inputs of the action appear here." />
        ) : (
          <QueryView query={action}>
            {(found) => <Workbench key={found.id} action={found} account={account} />}
          </QueryView>
        )}
      </div>
    </>
  );
}

const NO_INPUTS: FormContent = { inputs: {}, file: undefined };

function Workbench({ action, account }: { action: ActionView; account: string | undefined }) {
  const { state, start, stop } = useCall();
  const [content, setContent] = useState(NO_INPUTS);
  const faults = state.is === 'failed' ? problemOf(state.error).errors : [];
  const pointers = fieldsOf(action.input_schema).map(({ name }) => pointerTo(name));
  const send = ({ inputs, file }: FormContent, dryRun: boolean) => {
    if (account === undefined) return;
    start({ action: action.id, account, inputs, file: dryRun ? undefined : file, dryRun });
  };
  return (
    <div className={classes.bench}>
      <Section
        title={action.label}
        description={action.description}
        actions={
          <Anchor component={Link} to={paths.action(action.connector, action.id)} size="sm">
            About this action
          </Anchor>
        }
      >
        <CallForm
          action={action}
          account={account}
          busy={state.is === 'running'}
          faults={faults}
          onSend={send}
          onStop={stop}
          onChange={setContent}
        />
      </Section>
      <Stack gap="md" className={classes.outcome}>
        <CallAnswer
          state={state}
          shown={faults
            .map(({ path }) => path)
            .filter((path) => pointers.some((pointer) => path === pointer || path.startsWith(`${pointer}/`)))}
          onNext={(next) => {
            if (state.is !== 'answered') return;
            const { correlationId: _, ...call } = state.call;
            start({ ...call, inputs: { ...call.inputs, next } });
          }}
        />
        <CodeSection action={action} account={account} content={content} />
      </Stack>
    </div>
  );
}
