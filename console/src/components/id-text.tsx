import { CopyButton } from './copy-button.tsx';
import classes from './copy-field.module.css';

/** An id: in one line, cut where there is no room, and to be copied whole. `what`: "account id". */
export function IdText({ id, what }: { id: string; what: string }) {
  return (
    <span className={classes.id}>
      <code title={id}>{id}</code>
      <CopyButton value={id} label={`Copy the ${what}`} />
    </span>
  );
}
