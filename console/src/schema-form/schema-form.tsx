import { type Drafts, draftAt } from './drafts.ts';
import { type Field, pointerTo } from './object-schema.ts';
import { SchemaField } from './schema-field.tsx';
import classes from './schema-form.module.css';

interface SchemaFormProps {
  fields: readonly Field[];
  drafts: Drafts;
  onChange: (drafts: Drafts) => void;
  /** By field: those of {@link readDrafts}, or the server's by {@link faultsByField}. */
  errors: Readonly<Record<string, string>>;
  disabled?: boolean;
}

/** The inputs of an object's values, without a button: what is done with them is the page's affair. */
export function SchemaForm({ fields, drafts, onChange, errors, disabled = false }: SchemaFormProps) {
  return (
    <div className={classes.form}>
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          draft={draftAt(drafts, field.name) ?? ''}
          onChange={(draft) => onChange({ ...drafts, [field.name]: draft })}
          error={draftAt(errors, field.name)}
          disabled={disabled}
        />
      ))}
    </div>
  );
}

/**
 * What the server found wrong, by field, and the pointers of all that has a place so (for `shown` of `ErrorState`). `at`:
 * where the values stand in the body, `/settings` say. What is wrong inside of a value stands at the value, with where.
 */
export function faultsByField(
  fields: readonly Field[],
  faults: readonly { path: string; message: string }[],
  at = '',
): { errors: Record<string, string>; shown: string[] } {
  const errors: [string, string][] = [];
  const shown: string[] = [];
  for (const { name } of fields) {
    const pointer = `${at}${pointerTo(name)}`;
    const own = faults.filter(({ path }) => path === pointer || path.startsWith(`${pointer}/`));
    if (own.length === 0) continue;
    shown.push(...own.map(({ path }) => path));
    errors.push([
      name,
      own
        .map(({ path, message }) => (path === pointer ? message : `${path.slice(pointer.length)} ${message}`))
        .join('; '),
    ]);
  }
  return { errors: Object.fromEntries(errors), shown };
}
