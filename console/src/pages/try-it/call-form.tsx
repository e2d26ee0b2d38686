import { Button, FileInput, Group, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ActionView } from '../../api/catalogue.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { type Drafts, draftsOf, readDrafts } from '../../schema-form/drafts.ts';
import { type Field, fieldsOf } from '../../schema-form/object-schema.ts';
import { faultsByField, SchemaForm } from '../../schema-form/schema-form.tsx';
import { bytesText } from '../requests/time-split.ts';
import classes from './try-it.module.css';

/** What is to be sent, as far as it is valid. */
export interface FormContent {
  inputs: Readonly<Record<string, unknown>>;
  file: File | undefined;
}

interface CallFormProps {
  action: ActionView;
  /** Without one nothing can be sent. */
  account: string | undefined;
  busy: boolean;
  /** Of the server, about the last call. */
  faults: readonly { path: string; message: string }[];
  onSend: (content: FormContent, dryRun: boolean) => void;
  onStop: () => void;
  /** For the code beside it, at each change. */
  onChange: (content: FormContent) => void;
}

// What answers give for the page after them; the button under an answer sends it.
const CURSOR = 'next';
// By this name actions ask what a file is to be called; a raw body has none.
const FILE_NAME = 'file_name';

/** The inputs of an action, by its schema or as JSON, with its file; and the buttons that send them. */
export function CallForm({ action, account, busy, faults, onSend, onStop, onChange }: CallFormProps) {
  const fields = fieldsOf(action.input_schema, action.paginated ? [CURSOR] : []);
  const [drafts, setDrafts] = useState<Drafts>({});
  const [json, setJson] = useState<string>();
  const [file, setFile] = useState<File | null>(null);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [asking, setAsking] = useState<FormContent>();
  const said = faultsByField(fields, faults);

  const read = (text: string | undefined, typed: Drafts) =>
    text === undefined ? readDrafts(fields, typed) : readObject(text);
  const tell = (text: string | undefined, typed: Drafts, chosen: File | null) =>
    onChange({ inputs: read(text, typed).values, file: chosen ?? undefined });
  const type = (typed: Drafts) => {
    setDrafts(typed);
    setErrors({});
    tell(undefined, typed, file);
  };
  const typeJson = (text: string | undefined) => {
    setJson(text);
    setErrors({});
    tell(text, drafts, file);
  };
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setErrors({});
    const named =
      chosen && fields.some(({ name }) => name === FILE_NAME) && !drafts[FILE_NAME]
        ? { ...drafts, [FILE_NAME]: chosen.name }
        : drafts;
    setDrafts(named);
    tell(json, named, chosen);
  };
  const send = (dryRun: boolean) => {
    const { values, errors: wrong } = read(json, drafts);
    const all = { ...wrong, ...(action.file && !file && !dryRun && { [FILE]: 'Is required' }) };
    setErrors(all);
    if (Object.keys(all).length > 0) return;
    const content = { inputs: values, file: file ?? undefined };
    if (action.effect === 'delete' && !dryRun) setAsking(content);
    else onSend(content, dryRun);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  const examples = action.examples.filter(({ problem }) => problem === undefined);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <SegmentedControl
            transitionDuration={0}
            aria-label="How the inputs are given"
            size="sm"
            data={['Form', 'JSON']}
            value={json === undefined ? 'Form' : 'JSON'}
            onChange={(chosen) => {
              const { values } = read(json, drafts);
              if (chosen === 'JSON') typeJson(JSON.stringify(values, null, 2));
              else {
                setJson(undefined);
                type(draftsOf(fields, values));
              }
            }}
          />
          {examples.length > 0 && (
            <Select
              aria-label="Fill in an example"
              placeholder="Fill in an example"
              data={examples.map(({ name }, index) => ({ value: String(index), label: name }))}
              value={null}
              onChange={(index) => {
                const inputs = examples[Number(index)]?.inputs ?? {};
                if (json === undefined) type(draftsOf(fields, inputs));
                else typeJson(JSON.stringify(inputs, null, 2));
              }}
              className={classes.examples}
              comboboxProps={{ width: 'max-content', position: 'bottom-end' }}
            />
          )}
        </Group>
        {json !== undefined ? (
          <Textarea
            label="Inputs as JSON"
            value={json}
            onChange={(event) => typeJson(event.currentTarget.value)}
            error={errors[WHOLE] ?? Object.values(said.errors)[0]}
            autosize
            minRows={6}
            maxRows={24}
            classNames={{ input: classes.code }}
            spellCheck={false}
          />
        ) : fields.length > 0 ? (
          <SchemaForm fields={fields} drafts={drafts} onChange={type} errors={{ ...said.errors, ...errors }} />
        ) : (
          <Text c="dimmed">The action takes no inputs.</Text>
        )}
        {action.file && (
          <FileInput
            label="File"
            description={action.file.description}
            placeholder="Choose a file"
            value={file}
            onChange={choose}
            error={errors[FILE]}
            clearable
            clearButtonProps={{ 'aria-label': 'Remove the file' }}
            withAsterisk
            valueComponent={({ value }) =>
              value && !Array.isArray(value) ? (
                <span>
                  <bdi>{value.name}</bdi> ({bytesText(value.size)})
                </span>
              ) : null
            }
          />
        )}
        <Group gap="xs" justify="space-between">
          <Effect effect={action.effect} />
          <Group gap="xs">
            {busy ? (
              <Button variant="default" onClick={onStop}>
                Stop
              </Button>
            ) : (
              <Button variant="default" disabled={account === undefined} onClick={() => send(true)}>
                Dry run
              </Button>
            )}
            <Button type="submit" loading={busy} disabled={account === undefined}>
              Run
            </Button>
          </Group>
        </Group>
      </Stack>
      <ConfirmDialog
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title="Delete at the provider?"
        confirmLabel="Run"
        onConfirm={async () => asking && onSend(asking, false)}
      >
        <Text>
          <code>{action.id}</code> deletes what the inputs name, with the customer’s account. It is no rehearsal; a dry
          run is.
        </Text>
      </ConfirmDialog>
    </form>
  );
}

// No names of inputs: those have no spaces.
const FILE = 'the file';
const WHOLE = 'the whole';

function readObject(text: string): { values: Record<string, unknown>; errors: Record<string, string> } {
  const whole: Field = { name: WHOLE, schema: { type: 'object' }, required: false };
  const { values, errors } = readDrafts([whole], { [WHOLE]: text.trim() === '' ? '{}' : text });
  return { values: (values[WHOLE] as Record<string, unknown> | undefined) ?? {}, errors };
}

function Effect({ effect }: { effect: ActionView['effect'] }) {
  if (effect === 'read') return <StatusBadge tone="quiet">Reads only</StatusBadge>;
  return <StatusBadge tone="warn">{`Changes data: ${effect}`}</StatusBadge>;
}
