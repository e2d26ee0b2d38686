import { Input } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';
import classes from './copy-field.module.css';

interface CopyFieldProps {
  label: string;
  value: string;
  description?: string;
}

/** A value that is taken elsewhere: a callback URL, a link, a token that is shown once. */
export function CopyField({ label, value, description }: CopyFieldProps) {
  return (
    <Input.Wrapper label={label} labelElement="div" description={description}>
      <div className={classes.field}>
        <code>{value}</code>
        <CopyButton value={value} label={`Copy: ${label}`} />
      </div>
    </Input.Wrapper>
  );
}
