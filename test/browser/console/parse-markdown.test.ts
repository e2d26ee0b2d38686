import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown } from '../../../console/src/pages/guides/parse-markdown.ts';

describe('the Markdown of guides', () => {
  it('has paragraphs, lists with long lines, and fenced code', () => {
    expect(parseMarkdown('One\ntwo\n\n- a\n  b\n- c\n```http\nGET /\n\n- x\n```\nend')).toEqual([
      { kind: 'paragraph', content: [{ kind: 'text', text: 'One two' }] },
      { kind: 'list', items: [[{ kind: 'text', text: 'a b' }], [{ kind: 'text', text: 'c' }]] },
      { kind: 'code', language: 'http', text: 'GET /\n\n- x' },
      { kind: 'paragraph', content: [{ kind: 'text', text: 'end' }] },
    ]);
  });

  it('has bold, code and links within each other', () => {
    expect(parseInline('**`a` b** [**c**](https://example.com/d)')).toEqual([
      {
        kind: 'strong',
        content: [
          { kind: 'code', text: 'a' },
          { kind: 'text', text: ' b' },
        ],
      },
      { kind: 'text', text: ' ' },
      {
        kind: 'link',
        href: 'https://example.com/d',
        content: [{ kind: 'strong', content: [{ kind: 'text', text: 'c' }] }],
      },
    ]);
  });

  it.each([
    '[a](javascript:alert(1))',
    '[a](http://example.com)',
    '[a](//example.com)',
    '[a](https://u:p@example.com)',
    '<img src=x onerror=alert(1)>',
    '**not closed',
    '`not closed',
    '[not closed](https://example.com',
    '****',
  ])('leaves %s as text', (text) => {
    expect(parseInline(text)).toEqual([{ kind: 'text', text }]);
  });

  it('takes time in proportion to the text', () => {
    for (const hostile of ['[', '`a', '**', '[a](', '- ', '```\n']) {
      const begun = performance.now();
      parseMarkdown(hostile.repeat(100_000));
      expect(performance.now() - begun, hostile).toBeLessThan(2_000);
    }
  });
});
