import fc from 'fast-check';

/** Values that attack: every kind of text, and pieces that mean something to URL parsers. */
export const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 3,
    arbitrary: fc.string({ unit: fc.constantFrom(...'./\\%2ef5c0dA?#&=:;@[]<>"\' \t\r\n\0'), maxLength: 24 }),
  },
  {
    weight: 4,
    arbitrary: fc
      .array(
        fc.constantFrom(
          '..',
          '.',
          '%2e',
          '%2E%2e',
          '%252e',
          '/',
          '%2f',
          '%5c',
          '\\',
          '?',
          '#',
          '@evil.example',
          '//',
          ':',
          '\r\n',
          '\0',
          'a',
          '\ud800',
          '%',
          '%zz',
          '😀',
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join('')),
  },
);
