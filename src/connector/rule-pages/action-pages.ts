import { type RulePage, shown } from './page.ts';

/** Of the rules about what an action takes and reads: inputs, expressions, the path. See sending-pages.ts for the others. */
export const ACTION_PAGES = {
  ACT001: {
    why: 'Callers name an action by its id. Of two with the same one, only one could be called.',
    remedy: 'Give each action of the connector an id of its own, over all its files.',
    ...shown(
      'actions',
      `
- id: get_thing
  label: Get Thing
  description: One thing.
  effect: read
  scopes: ["things:read"]
  token: app
  request: {method: GET, path: /thing}
  output: {object: body}
- id: «get_thing
  label: Get Other Thing
  description: Another thing.
  effect: read
  scopes: ["things:read"]
  token: app
  request: {method: GET, path: /other}
  output: {object: body}
`,
      `
- id: get_thing
  label: Get Thing
  description: One thing.
  effect: read
  scopes: ["things:read"]
  token: app
  request: {method: GET, path: /thing}
  output: {object: body}
- id: get_other_thing
  label: Get Other Thing
  description: Another thing.
  effect: read
  scopes: ["things:read"]
  token: app
  request: {method: GET, path: /other}
  output: {object: body}
`,
    ),
  },
  ACT002: {
    why: 'An input that nothing reads is a promise to callers that is not kept: they set a filter, and everything comes.',
    remedy: 'Read it as inputs.<name> in the request, a step or the output, or remove it.',
    ...shown(
      'action',
      `
inputs:
  «kind: {type: string}
request: {method: GET, path: /things}
`,
      `
inputs:
  kind: {type: string}
request: {method: GET, path: /things, query: {kind: "\${inputs.kind}"}}
`,
    ),
  },
  ACT003: {
    why: 'An input that is not declared is refused when a caller gives it, so that what reads it would never get anything.',
    remedy: 'Declare the input under inputs, or take the name that was meant.',
    ...shown(
      'action',
      `
inputs:
  kind: {type: string}
request: {method: GET, path: /things, query: {kind: "\${inputs.kind}", size: "\${«inputs.size}"}}
`,
      `
inputs:
  kind: {type: string}
  size: {type: integer}
request: {method: GET, path: /things, query: {kind: "\${inputs.kind}", size: "\${inputs.size}"}}
`,
    ),
  },
  ACT004: {
    why: 'JSONata gives nothing for a name that is not there, without an error. A request cannot read the answer to itself, and a misspelt name would be an empty column.',
    remedy: 'Read one of the names that the message lists; in `item`, $$ is the whole context.',
    ...shown('action', 'output: {object: «bdy.thing}\n', 'output: {object: body.thing}\n'),
  },
  ACT005: {
    why: 'Expressions are compiled at load, so that a call can fail only for what the provider answers.',
    remedy: 'Mend the JSONata at the caret; functions begin with $, object keys are quoted.',
    ...shown(
      'action',
      `
output:
  object: |-
    {
      "id": body.id,
      "name": «$uppercased(body.name)
    }
`,
      `
output:
  object: |-
    {
      "id": body.id,
      "name": $uppercase(body.name)
    }
`,
    ),
  },
  ACT006: {
    why: 'Patterns meet what strangers send. RE2 takes time in proportion to the text whatever the pattern, so that no text can stall the server; look-around and back-references, which would make that impossible, it does not have.',
    remedy: 'Write it without look-around (?=…), (?!…), (?<=…) and without \\1; see the syntax of RE2.',
    ...shown(
      'action',
      `
inputs:
  thing_id: {type: string, required: true, pattern: «"^(?!x)[a-z]+$"}
`,
      `
inputs:
  thing_id: {type: string, required: true, pattern: "^[a-wyz][a-z]*$"}
`,
    ),
  },
  ACT007: {
    why: 'What callers give must not change which endpoint is called. Values stand in whole segments, encoded; the path holds no dot segments, no query and no fragment.',
    remedy:
      'Make each segment plain text or one {name}; put text around a value into path_params, a query under query.',
    ...shown(
      'action',
      'request: {method: GET, path: "/things/«id-{thing_id}"}\n',
      `
request:
  method: GET
  path: /things/{id}
  path_params: {id: "id-\${inputs.thing_id}"}
`,
    ),
  },
  ACT008: {
    why: 'A path with a segment missing is another endpoint: without its id, “delete a thing” is “delete things”.',
    remedy: 'Add required: true to the input, or give it a default.',
    ...shown(
      'action',
      'inputs:\n  «thing_id: {type: string}\n',
      'inputs:\n  thing_id: {type: string, required: true}\n',
    ),
  },
  ACT009: {
    why: 'page_size and next belong to paging, raw and dry_run to every call; constructor and prototype are refused in bodies, because programs trip over them.',
    remedy:
      'Take another name for the input; the request may still send it under the name that the provider has for it.',
    ...shown(
      'action',
      `
inputs:
  «raw: {type: boolean}
request: {method: GET, path: /things, query: {raw: "\${inputs.raw}"}}
`,
      `
inputs:
  unformatted: {type: boolean}
request: {method: GET, path: /things, query: {raw: "\${inputs.unformatted}"}}
`,
    ),
  },
  ACT010: {
    why: 'Reads are sent again after a failure, and offered to models as harmless. A read that posts may be neither; the body of a GET means nothing to HTTP.',
    remedy: 'Make effect say what the method does: GET and HEAD are read and have no body, all others are not.',
    ...shown(
      'action',
      `
effect: read
request: {method: «DELETE, path: "/things/{thing_id}"}
`,
      `
effect: delete
request: {method: DELETE, path: "/things/{thing_id}"}
`,
    ),
  },
  ACT011: {
    why: 'Defaults are sent, examples and allowed values are copied by people and models. One that the input itself refuses is wrong wherever it is used.',
    remedy: 'Write the value in the type and within the bounds of the input.',
    ...shown(
      'action',
      'inputs:\n  thing_id: {type: string, default: «7}\n',
      'inputs:\n  thing_id: {type: string, default: "7"}\n',
    ),
  },
  ACT012: {
    why: 'The server sets the headers of credentials, host, length and connection itself. One that is declared would be lost, or do harm.',
    remedy: 'Remove the header; tokens come from the authentication of the connector.',
    ...shown(
      'action',
      `
request:
  method: GET
  path: /things/{thing_id}
  headers: {«Authorization: Bearer abc}
`,
      `
request:
  method: GET
  path: /things/{thing_id}
  headers: {Accept: application/json}
`,
    ),
  },
  ACT013: {
    why: 'An action that wants a kind of token which no authentication gives could be enabled, and never called.',
    remedy: 'Let an authentication of connector.yaml list the kind in tokens, or ask for another kind.',
    ...shown('action', 'token: «user\n', 'token: app\n'),
  },
} as const satisfies Record<string, RulePage>;
