import { Button, Group } from '@mantine/core';
import IconChevronRight from '@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs';
import { useState } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import classes from './json-view.module.css';

interface JsonViewProps {
  /** What it is; also the name of the region. */
  label: string;
  value: unknown;
}

// Of a list or an object; more are asked for.
const MEMBERS_AT_ONCE = 100;
const TEXT_AT_ONCE = 400;
const OPEN_DEPTH = 3;
// What is opened all at once by hand.
const ALL_DEPTH = 200;

/** JSON as a tree whose lists and objects fold. What is folded is not in the page: answers can be large. */
export function JsonView({ label, value }: JsonViewProps) {
  // A new key makes the tree anew, with all of it open or folded.
  const [{ depth, turn }, setOpen] = useState({ depth: OPEN_DEPTH, turn: 0 });
  const folds = typeof value === 'object' && value !== null;
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        {label}
        <Group gap={4}>
          {folds && (
            <>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                onClick={() => setOpen({ depth: ALL_DEPTH, turn: turn + 1 })}
              >
                Unfold all
              </Button>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                onClick={() => setOpen({ depth: 1, turn: turn + 1 })}
              >
                Fold
              </Button>
            </>
          )}
          <CopyButton value={JSON.stringify(value, null, 2) ?? ''} label={`Copy: ${label}`} />
        </Group>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section aria-label={label} tabIndex={0} className={classes.scroll}>
        <Node key={turn} name={undefined} value={value} depth={0} openDepth={depth} />
      </section>
    </figure>
  );
}

interface NodeProps {
  name: string | undefined;
  value: unknown;
  depth: number;
  openDepth: number;
}

function Node({ name, value, depth, openDepth }: NodeProps) {
  if (typeof value !== 'object' || value === null)
    return (
      <div className={classes.line}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  return <Branch name={name} value={value} depth={depth} openDepth={openDepth} />;
}

function Branch({ name, value, depth, openDepth }: NodeProps & { value: object }) {
  const [open, setOpen] = useState(depth < openDepth);
  const [shown, setShown] = useState(MEMBERS_AT_ONCE);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0)
    return (
      <div className={classes.line}>
        <Name name={name} />
        {list ? '[]' : '{}'}
      </div>
    );
  const size = `${entries.length} ${list ? (entries.length === 1 ? 'item' : 'items') : entries.length === 1 ? 'member' : 'members'}`;
  return (
    <div>
      <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} stroke={2} aria-hidden className={classes.arrow} />
        <Name name={name} />
        <span className={classes.size}>
          {list ? '[' : '{'}
          {size}
          {list ? ']' : '}'}
        </span>
      </button>
      {open && (
        <div className={classes.inner}>
          {entries.slice(0, shown).map(([key, member]) => (
            <Node key={key} name={key} value={member} depth={depth + 1} openDepth={openDepth} />
          ))}
          {entries.length > shown && (
            <Button variant="subtle" size="compact-sm" onClick={() => setShown(shown + MEMBERS_AT_ONCE)}>
              Show {Math.min(MEMBERS_AT_ONCE, entries.length - shown)} more of {entries.length}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : (
    <>
      <bdi className={classes.name}>{name}</bdi>
      <span className={classes.size}>: </span>
    </>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span className={classes.plain}>{String(value)}</span>;
  const cut = value.length > TEXT_AT_ONCE && !whole;
  return (
    <>
      <bdi className={classes.text}>{JSON.stringify(cut ? value.slice(0, TEXT_AT_ONCE) : value)}</bdi>
      {cut && (
        <Button variant="subtle" size="compact-sm" onClick={() => setWhole(true)}>
          Show all {value.length.toLocaleString('en')} characters
        </Button>
      )}
    </>
  );
}
