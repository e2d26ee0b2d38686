import { type Static, Type } from 'typebox';
import { NAME_PATTERN, strict } from './parts.ts';

const text = (description: string, ...examples: string[]) =>
  Type.String({
    minLength: 1,
    examples,
    description: `${description} Markdown. \${callback_url} and \${public_url} stand for this server's own addresses.`,
  });

const Condition = Type.Object(
  {
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, description: 'A scope, or its beginning and a `*`.' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Shown when a selected action needs one of these scopes. A * at the end stands for any ending.',
        examples: [['issues:*']],
      }),
    ),
    apis: Type.Optional(
      Type.Array(Type.String({ pattern: NAME_PATTERN, description: 'Name of one of the `apis`.' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Shown when a selected action belongs to one of these `apis` of the connector.',
        examples: [['issues']],
      }),
    ),
  },
  {
    ...strict,
    minProperties: 1,
    title: 'Condition',
    examples: [{ scopes: ['issues:write'] }],
    description: 'Whom it concerns: shown only when one of the selected actions fits. Without it: everybody.',
  },
);

const Item = Type.Union(
  [
    text('A line of the list.', 'Copy the **client id**.'),
    Type.Object(
      { text: text('A line of the list.', 'Copy the **client id**.'), for: Condition },
      { ...strict, title: 'Conditional item', description: 'A line of the list that concerns only some.' },
    ),
  ],
  { description: 'A line of the list, as text, or with the condition under which it is shown.' },
);

const Step = Type.Object(
  {
    title: Type.String({ minLength: 1, description: 'What to do, as a heading.', examples: ['Create an app'] }),
    for: Type.Optional(Condition),
    text: Type.Optional(text('What the step is about.', 'The key is shown once.')),
    items: Type.Optional(Type.Array(Item, { minItems: 1, description: 'What to do, one after the other.' })),
    list_scopes: Type.Optional(
      Type.Boolean({
        description: 'Lists the scopes that the selected actions need, to be copied.',
        default: false,
        examples: [true],
      }),
    ),
  },
  { ...strict, title: 'Guide step', description: 'One thing to do.' },
);

const Section = Type.Object(
  {
    title: Type.String({ minLength: 1, description: 'A part of the set-up, as a heading.', examples: ['The app'] }),
    for: Type.Optional(Condition),
    text: Type.Optional(
      text('What the part is about, and what happens without it.', 'Without the app no call succeeds.'),
    ),
    steps: Type.Optional(Type.Array(Step, { minItems: 1, description: 'One after the other.' })),
  },
  { ...strict, title: 'Guide section', description: 'A part of the set-up.' },
);

/** One file of `guides/`: how the provider is set up for one way to obtain tokens. */
export const GuideFormat = Type.Object(
  {
    authentication: Type.String({
      pattern: NAME_PATTERN,
      description: 'The id of the authentication that the guide is for; the file has the same name.',
      examples: ['three_legged'],
    }),
    summary: text('What the guide sets up, in a sentence.', 'An app at the provider that acts for people who consent.'),
    warning: Type.Optional(
      text('What one must have before one begins.', 'You need to be an administrator of the workspace.'),
    ),
    sections: Type.Array(Section, {
      minItems: 1,
      description:
        'The set-up at the provider. Creating the connector profile and linking accounts follow by themselves.',
    }),
  },
  { ...strict, title: 'Guide', description: 'How the provider is set up for one way to obtain tokens.' },
);
export type GuideFormat = Static<typeof GuideFormat>;
