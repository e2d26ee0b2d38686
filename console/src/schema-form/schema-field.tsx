import { Select, Textarea, TextInput } from '@mantine/core';
import { draftOf } from './drafts.ts';
import { type Field, kindOf, type ValueSchema } from './object-schema.ts';
import classes from './schema-form.module.css';

interface SchemaFieldProps {
  field: Field;
  draft: string;
  onChange: (draft: string) => void;
  error: string | undefined;
  disabled?: boolean;
}

// Fewer are seen at a glance.
const SEARCHABLE_FROM = 10;
const MAX_HINT_CHARS = 80;

/** The input of one value, by its schema. */
export function SchemaField({ field, draft, onChange, error, disabled = false }: SchemaFieldProps) {
  const { name, schema, required } = field;
  const common = {
    label: <code className={classes.name}>{name}</code>,
    description: schema.description,
    placeholder: hintOf(schema),
    error,
    disabled,
    // The mark alone: the form says itself what is missing, and where.
    withAsterisk: required,
    'aria-required': required,
    spellCheck: false,
    autoComplete: 'off',
  };
  const typed = {
    ...common,
    value: draft,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  const kind = kindOf(schema);
  switch (kind) {
    case 'boolean':
    case 'choice': {
      const values = kind === 'boolean' ? [true, false] : (schema.enum ?? []);
      return (
        <Select
          {...common}
          data={[...new Set(values.map((value) => draftOf(schema, value)))]}
          value={draft === '' ? null : draft}
          onChange={(chosen) => onChange(chosen ?? '')}
          searchable={values.length >= SEARCHABLE_FROM}
          clearable={!required}
          clearButtonProps={{ 'aria-label': `Clear ${name}` }}
        />
      );
    }
    case 'number':
      return <TextInput {...typed} inputMode={schema.type === 'integer' ? 'numeric' : 'decimal'} />;
    case 'json':
      return <Textarea {...typed} autosize minRows={2} maxRows={14} classNames={{ input: classes.code }} />;
    case 'long_text':
      return <Textarea {...typed} autosize minRows={2} maxRows={10} />;
    case 'text':
      return <TextInput {...typed} />;
  }
}

/** What stands in an empty field: what happens without a value, or how one looks. */
function hintOf(schema: ValueSchema): string {
  if (schema.default !== undefined) return `Default: ${short(schema.default)}`;
  const [example] = schema.examples ?? [];
  if (example !== undefined) return `e.g. ${short(example)}`;
  if (schema.type === 'array') return schema.items?.type === 'string' ? '["…"]' : '[…]';
  if (schema.type === 'object') return '{ }';
  return kindOf(schema) === 'boolean' ? 'Not given' : '';
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_HINT_CHARS ? `${text.slice(0, MAX_HINT_CHARS)}…` : text;
}
