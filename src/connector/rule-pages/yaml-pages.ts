import { excerpt, type RulePage, shown } from './page.ts';

/** Of the rules about a file itself. */
export const YAML_PAGES = {
  YML001: {
    why: 'Files are read by a strict YAML 1.2 parser. What other parsers guess at — a tab as indentation, a key that is a number, a bracket that is never closed — would mean one thing to you and another to the server.',
    remedy:
      'Mend the YAML at the caret or just above it; put quotes around texts with : # { } [ ] , & * ! | > % or @ in them.',
    ...shown('action', 'output: {object: body\n«', 'output: {object: body}\n'),
  },
  YML002: {
    why: 'Of two equal keys most parsers keep the last one and drop the first without a word.',
    remedy: 'Remove one of the two keys, or merge what stands below them.',
    ...shown(
      'action',
      `
inputs:
  thing_id: {type: string, required: true}
  «thing_id: {type: string, description: Id of the thing}
`,
      `
inputs:
  thing_id: {type: string, required: true, description: Id of the thing}
`,
    ),
  },
  YML003: {
    why: 'A connector file is small. The bounds keep a hostile or broken one from exhausting the server: an alias that stands for what it is in has no end.',
    remedy: 'Split the file, or write out what the aliases stand for.',
    ...shown('action', 'output: &all\n  object: «*all\n', 'output:\n  object: &all body\nwarnings: *all\n'),
  },
  YML004: {
    why: 'A file that is left out because it cannot be read would be an action that is missing, and nobody told.',
    remedy: 'See that a file of UTF-8 text stands under this name and may be read, or remove it.',
    bad: excerpt('listing', 'acme/connector.yaml\n«acme/actions/things.yaml/\n'),
    good: excerpt('listing', 'acme/connector.yaml\nacme/actions/things.yaml\n'),
  },
  YML005: {
    why: 'Tags and merge keys are read differently by different parsers and editors; a second document would be overlooked.',
    remedy: 'Write the value as it is: no tag, no <<, one document a file.',
    ...shown(
      'action',
      `
inputs:
  thing_id: &id {type: string, required: true}
  other_id: {«<<: *id, description: Another}
request: {method: GET, path: "/things/{thing_id}/{other_id}"}
`,
      `
inputs:
  thing_id: &id {type: string, required: true}
  other_id: *id
request: {method: GET, path: "/things/{thing_id}/{other_id}"}
`,
    ),
  },
  FMT001: {
    why: 'A key that is not known has no effect. Misspelt or in the wrong case it would be an option that you believe to be on.',
    remedy:
      'Take the suggested key, or see the keys of this place in docs/connector-format.md; they are lower_case_with_underscores.',
    ...shown(
      'action',
      'request: {method: GET, «Path: "/things", path: "/things/{thing_id}"}\n',
      'request: {method: GET, path: "/things/{thing_id}"}\n',
    ),
  },
  FMT002: {
    why: 'What is required is shown to people who choose among actions, or decides what a call may do. There is no default that would be right.',
    remedy: 'Add the key; docs/connector-format.md and editors with the schema say what it means.',
    ...shown(
      'actions',
      `
- «id: get_thing
  label: Get Thing
  description: One thing.
  effect: read
  scopes: ["things:read"]
  inputs:
    thing_id: {type: string, required: true}
  request: {method: GET, path: "/things/{thing_id}"}
  output: {object: body}
`,
      `
- id: get_thing
  label: Get Thing
  description: One thing.
  effect: read
  scopes: ["things:read"]
  token: app
  inputs:
    thing_id: {type: string, required: true}
  request: {method: GET, path: "/things/{thing_id}"}
  output: {object: body}
`,
    ),
  },
  FMT003: {
    why: 'Values are never converted: "30" is no number and get is no method. What is guessed at load fails at a call.',
    remedy: 'Write a value of the kind that the message names; quotes make a text of a number, a date or yes.',
    ...shown('action', 'timeout_s: «"30"\n', 'timeout_s: 30\n'),
  },
} as const satisfies Record<string, RulePage>;
