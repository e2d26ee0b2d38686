import { Anchor } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import classes from './markdown.module.css';
import { type Block, type Inline, parseInline, parseMarkdown } from './parse-markdown.ts';

/** A text of a guide. It becomes elements, never HTML from a text. */
export function Markdown({ text }: { text: string }) {
  return <div className={classes.markdown}>{numbered(parseMarkdown(text), (block) => blockOf(block))}</div>;
}

/** The same for a text that stands within a line. */
export function InlineMarkdown({ text }: { text: string }) {
  return <>{inlineOf(parseInline(text))}</>;
}

function blockOf(block: Block): ReactNode {
  switch (block.kind) {
    case 'paragraph':
      return <p>{inlineOf(block.content)}</p>;
    case 'list':
      return (
        <ul>
          {numbered(block.items, (item) => (
            <li>{inlineOf(item)}</li>
          ))}
        </ul>
      );
    case 'code':
      return <CodeBlock label={block.language === 'http' ? 'HTTP' : block.language || 'Code'} value={block.text} />;
  }
}

function inlineOf(content: readonly Inline[]): ReactNode {
  return numbered(content, (inline) => {
    switch (inline.kind) {
      case 'text':
        return inline.text;
      case 'code':
        return <code className={classes.code}>{inline.text}</code>;
      case 'strong':
        return <strong>{inlineOf(inline.content)}</strong>;
      case 'link':
        return (
          <Anchor href={inline.href} target="_blank" rel="noopener noreferrer" underline="always" inherit>
            {inlineOf(inline.content)}
          </Anchor>
        );
    }
  });
}

/** Texts have no names: their parts are told apart by their places, which do not change. */
function numbered<T>(parts: readonly T[], show: (part: T) => ReactNode): ReactNode[] {
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return parts.map((part, index) => <Fragment key={index}>{show(part)}</Fragment>);
}
