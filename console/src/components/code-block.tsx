import classes from './code-block.module.css';
import { CopyButton } from './copy-button.tsx';

interface CodeBlockProps {
  /** What it is: "Answer", "curl". Also the name of the region. */
  label: string;
  /** A text as it is; anything else as JSON. */
  value: unknown;
  maxHeight?: string;
}

/** Text for machines: JSON, YAML, a command. */
export function CodeBlock({ label, value, maxHeight = '28rem' }: CodeBlockProps) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        {label}
        <CopyButton value={text} label={`Copy: ${label}`} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section aria-label={label} tabIndex={0} className={classes.scroll} style={{ maxHeight }}>
        <pre>{text}</pre>
      </section>
    </figure>
  );
}
