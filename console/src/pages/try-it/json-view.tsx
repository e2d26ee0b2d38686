import { Button, Group, Text } from '@mantine/core';
import IconChevronRight from '@tabler/icons-react/dist/esm/icons/IconChevronRight.mjs';
import { useMemo, useState } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import classes from './json-view.module.css';
import { createUnfolded, MEMBERS_AT_ONCE, type Unfolded } from './unfolded.ts';

interface JsonViewProps {
  /** What it is; also the name of the region. */
  label: string;
  value: unknown;
}

const TEXT_AT_ONCE = 400;
const OPEN_DEPTH = 3;
// What is opened all at once by hand.
const ALL_DEPTH = 200;
// A second's work of a slow machine is five thousand lines.
const OPEN_LINES = 500;
const ALL_LINES = 2_500;

/** JSON as a tree whose lists and objects fold. What is folded is not in the page: answers can be large. */
export function JsonView({ label, value }: JsonViewProps) {
  // A new key makes the tree anew, with all of it open or folded.
  const [{ depth, lines, turn }, setOpen] = useState({ depth: OPEN_DEPTH, lines: OPEN_LINES, turn: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn begins anew
  const { unfolded, whole } = useMemo(() => {
    const unfolded = createUnfolded();
    return { unfolded, whole: unfolded.unfold([value], depth, lines) };
  }, [value, depth, lines, turn]);
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
                onClick={() => setOpen({ depth: ALL_DEPTH, lines: ALL_LINES, turn: turn + 1 })}
              >
                Unfold all
              </Button>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                onClick={() => setOpen({ depth: 1, lines: OPEN_LINES, turn: turn + 1 })}
              >
                Fold
              </Button>
            </>
          )}
          <CopyButton value={() => JSON.stringify(value, null, 2) ?? ''} label={`Copy: ${label}`} />
        </Group>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section aria-label={label} tabIndex={0} className={classes.scroll}>
        <Node key={turn} name={undefined} value={value} depth={depth} unfolded={unfolded} />
      </section>
      {depth === ALL_DEPTH && !whole && (
        <Text size="sm" c="dimmed" role="status" p="xs">
          Too large to be unfolded all at once: the rest unfolds piece by piece.
        </Text>
      )}
    </figure>
  );
}

interface NodeProps {
  name: string | undefined;
  value: unknown;
  /** How deep what comes later is open. */
  depth: number;
  unfolded: Unfolded;
}

function Node({ name, value, depth, unfolded }: NodeProps) {
  if (typeof value !== 'object' || value === null)
    return (
      <div className={classes.line}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  return <Branch name={name} value={value} depth={depth} unfolded={unfolded} />;
}

function Branch({ name, value, depth, unfolded }: NodeProps & { value: object }) {
  const [open, setOpen] = useState(unfolded.has(value));
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
  const showMore = () => {
    const more = entries.slice(shown, shown + MEMBERS_AT_ONCE).map(([, member]) => member);
    unfolded.unfold(more, depth - 1, OPEN_LINES);
    setShown(shown + MEMBERS_AT_ONCE);
  };
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
            <Node key={key} name={key} value={member} depth={depth - 1} unfolded={unfolded} />
          ))}
          {entries.length > shown && (
            <Button variant="subtle" size="compact-sm" onClick={showMore}>
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
