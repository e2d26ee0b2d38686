import { type RulePage, shown } from './page.ts';

/** Of the rules about examples. */
export const EXAMPLE_PAGES = {
  EXA001: {
    why: 'Examples are documentation and tests of an action. One of an action that is gone or renamed tests nothing.',
    remedy: 'Name an action by its id in actions/*.yaml, without the id of the connector, or remove the example.',
    ...shown('example', 'action: «get_thng\n', 'action: get_thing\n'),
  },
  EXA002: {
    why: 'An example shows what the caller gets: data, or the code of a refusal. Without either there is nothing to compare.',
    remedy: 'Write what comes out under output, or the expected code under problem; not both.',
    ...shown(
      'examples',
      `
- «name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.example/things/t1"}
  response: {status: 200, body: {id: t1}}
`,
      `
- name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.example/things/t1"}
  response: {status: 200, body: {id: t1}}
  output: {data: {id: t1}}
`,
    ),
  },
  EXA003: {
    why: 'People copy the inputs of examples. Inputs that the action refuses would be the first thing that they see fail.',
    remedy: 'Make the inputs (and account settings) those that the action declares now.',
    ...shown('example', 'inputs: {thing_id: «7}\n', 'inputs: {thing_id: t1}\n'),
  },
  EXA004: {
    why: 'An example is played: each request that the action sends is met by the response that stands beside it.',
    remedy: 'Write request and response for an action of one request, exchanges for one of several steps.',
    ...shown(
      'examples',
      `
- «name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.example/things/t1"}
  output: {data: {id: t1}}
`,
      `
- name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.example/things/t1"}
  response: {status: 200, body: {id: t1}}
  output: {data: {id: t1}}
`,
    ),
  },
  EXA005: {
    why: 'A call with a file needs one, and a call without refuses one.',
    remedy: 'Give an example a file exactly when its action declares file.',
    ...shown('example', '«file: {bytes: 7}\n', 'name: A thing, without a file.\n'),
  },
  EXA006: {
    why: 'When an action changes, its examples must, too: one that shows a request which the action no longer sends misleads its readers.',
    remedy: 'Write the request that the action sends now, or mend the action; corbel test shows all differences.',
    ...shown(
      'example',
      'request: {method: GET, url: «"https://api.acme.example/v1/things/t1"}\n',
      'request: {method: GET, url: "https://api.acme.example/things/t1"}\n',
    ),
  },
  EXA007: {
    why: 'Callers act on codes, and read in examples which ones they may get.',
    remedy: 'Take one of the codes of docs/errors.md.',
    ...shown(
      'examples',
      `
- name: A thing that is not there.
  action: get_thing
  source: made up
  inputs: {thing_id: t2}
  request: {method: GET, url: "https://api.acme.example/things/t2"}
  response: {status: 404}
  problem: {code: «provider_notfound}
`,
      `
- name: A thing that is not there.
  action: get_thing
  source: made up
  inputs: {thing_id: t2}
  request: {method: GET, url: "https://api.acme.example/things/t2"}
  response: {status: 404}
  problem: {code: provider_not_found}
`,
    ),
  },
} as const satisfies Record<string, RulePage>;
