import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import classes from './action-badges.module.css';

// About two lines beside the panel; whoever selected fifty actions knows their names.
const SHOWN = 5;

/** The actions that a part of a guide is there for. `title`: "Required for", "Enables actions". */
export function ActionBadges({ title, labels }: { title: string; labels: readonly string[] }) {
  const [whole, setWhole] = useState(false);
  if (labels.length === 0) return null;
  // To hide a single one would save nothing.
  const short = !whole && labels.length > SHOWN + 1;
  return (
    <div className={classes.badges}>
      <span className={classes.title}>{title}:</span>
      {labels.map((label, index) => (
        <span key={label} className={classes.badge} data-hidden={short && index >= SHOWN}>
          {label}
        </span>
      ))}
      {labels.length > SHOWN + 1 && (
        <UnstyledButton className={classes.more} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {short ? `${labels.length - SHOWN} more` : 'Fewer'}
        </UnstyledButton>
      )}
    </div>
  );
}
