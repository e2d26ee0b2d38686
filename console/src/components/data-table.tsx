import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import classes from './data-table.module.css';

export interface Column<T> {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the end of their column. */
  numeric?: boolean;
  /** CSS width of the column. */
  width?: string;
  /** Left out of the cards of small screens. */
  wideOnly?: boolean;
  /** Sentences that say by themselves what they are: over the whole width of a card, without their header. */
  text?: boolean;
  /** The header is there for screen readers only (buttons at the end of a row). */
  hiddenHeader?: boolean;
}

interface DataTableProps<T> {
  /** What is listed, for screen readers: "Accounts". */
  caption: string;
  /** The first one names the row: it becomes the title of its card. */
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** The rows are being renewed. */
  busy?: boolean;
}

// Narrower than this a table of four columns scrolls sideways; cards do not. Screens at 200 % are such, too.
const CARDS_BELOW = '(max-width: 47.9375em)';

/** Rows as a table; below 768 px as cards. A `RowLink` in the first column makes the whole row clickable. */
export function DataTable<T>({ caption, columns, rows, rowKey, busy = false }: DataTableProps<T>) {
  const cards = useMediaQuery(CARDS_BELOW, undefined, { getInitialValueInEffect: false });
  if (cards) {
    const [title, ...others] = columns;
    return (
      <ul className={`${classes.cards} ${classes.above}`} aria-label={caption} aria-busy={busy}>
        {rows.map((row) => (
          <li key={rowKey(row)} className={classes.card}>
            <div className={classes.cardTitle}>{title?.cell(row)}</div>
            <dl>
              {others
                .filter(({ wideOnly }) => !wideOnly)
                .map(({ key, header, cell, hiddenHeader, text }) => (
                  <div key={key} className={classes.fact} data-text={text}>
                    <dt className={hiddenHeader || text ? 'visually-hidden' : undefined}>{header}</dt>
                    <dd>{cell(row)}</dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={caption}>
      <table className={classes.table} aria-busy={busy}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, header, numeric, width, hiddenHeader, text }) => (
              <th key={key} scope="col" data-numeric={numeric} data-text={text} style={{ width }}>
                {hiddenHeader ? <span className="visually-hidden">{header}</span> : header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={classes.above}>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ key, cell, numeric }) => (
                <td key={key} data-numeric={numeric}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The link of a row; it takes the clicks of the whole row, except those on buttons and links in it. */
export function RowLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classes.rowLink}>
      {children}
    </Link>
  );
}
