import { type RulePage, shown } from './page.ts';

/** Of the rules about what an action needs and sends: scopes, pages, steps, files, forms. */
export const SENDING_PAGES = {
  ACT014: {
    why: 'The gate lets an action through when the account has its scopes. A scope that the provider does not know can never be granted.',
    remedy: 'Take a scope of the catalogue in connector.yaml, or add it there with a description.',
    ...shown('action', 'scopes: [«"things:raed"]\n', 'scopes: ["things:read"]\n'),
  },
  ACT015: {
    why: 'The pagination sets its parameters for every page. A value of your own would keep the caller on one page.',
    remedy: 'Remove the parameter from the query; callers page with page_size and next.',
    ...shown(
      'action',
      `
inputs: {}
request: {method: GET, path: /things, query: {«page: "1"}}
pagination: {style: page_number, number: page, first: 1, more: body.more}
output: {list: body.things}
`,
      `
inputs: {}
request: {method: GET, path: /things}
pagination: {style: page_number, number: page, first: 1, more: body.more}
output: {list: body.things}
`,
    ),
  },
  ACT016: {
    why: 'An action is one request, or steps that follow each other. Of both, nobody could say which comes first.',
    remedy: 'Make the request one of the steps, or remove the steps; with steps, pagination belongs to a step.',
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
  «steps:
    - id: detail
      request: {method: GET, path: /thing/detail}
  output: {object: body}
`,
      `
- id: get_thing
  label: Get Thing
  description: One thing.
  effect: read
  scopes: ["things:read"]
  token: app
  steps:
    - id: thing
      request: {method: GET, path: /thing}
    - id: detail
      request: {method: GET, path: /thing/detail}
  output: {object: '{"thing": steps.thing.body, "detail": steps.detail.body}'}
`,
    ),
  },
  ACT017: {
    why: 'Steps run in the order in which they stand. One that reads itself or a later one would read nothing.',
    remedy: 'Move the step that is read in front of the one that reads it, or read an earlier one.',
    ...shown(
      'action',
      `
steps:
  - id: detail
    request: {method: GET, path: "/details/{id}", path_params: {id: "\${«steps.thing.body.detail_id}"}}
  - id: thing
    request: {method: GET, path: "/things/{thing_id}"}
`,
      `
steps:
  - id: thing
    request: {method: GET, path: "/things/{thing_id}"}
  - id: detail
    request: {method: GET, path: "/details/{id}", path_params: {id: "\${steps.thing.body.detail_id}"}}
`,
    ),
  },
  ACT018: {
    why: 'Later expressions read a step by its id.',
    remedy: 'Give each step of the action an id of its own.',
    ...shown(
      'action',
      `
steps:
  - id: thing
    request: {method: GET, path: "/things/{thing_id}"}
  - id: «thing
    request: {method: GET, path: "/things/{thing_id}/detail"}
`,
      `
steps:
  - id: thing
    request: {method: GET, path: "/things/{thing_id}"}
  - id: detail
    request: {method: GET, path: "/things/{thing_id}/detail"}
`,
    ),
  },
  ACT019: {
    why: 'The bytes of a call go where a step sends them. Without such a step they would be taken from the caller and thrown away.',
    remedy: 'Add a step with upload_file or upload_parts, or remove file from the action.',
    ...shown(
      'action',
      `
effect: create
«file: {description: Content of the thing}
inputs: {}
request: {method: POST, path: /things}
`,
      `
effect: create
file: {description: Content of the thing}
inputs: {}
steps:
  - id: place
    request: {method: POST, path: /things}
  - id: content
    upload_file: {url: steps.place.body.upload_url, method: PUT, origins: ["https://files.acme.example"]}
`,
    ),
  },
  ACT020: {
    why: 'find looks at page after page until it has what is sought. A single answer is read by the steps after it.',
    remedy: 'Add the pagination of the request to the step, or read steps.<id>.body in a later expression.',
    ...shown(
      'action',
      `
steps:
  - id: thing
    request: {method: GET, path: /things}
    «find: body.things[id = $$.inputs.thing_id]
output: {object: steps.thing.found}
`,
      `
steps:
  - id: thing
    request: {method: GET, path: /things}
    pagination: {style: cursor, cursor: after, next: body.after}
    find: body.things[id = $$.inputs.thing_id]
output: {object: steps.thing.found}
`,
    ),
  },
  ACT021: {
    why: 'Files are sent to URLs that the provider gives at run time. The pattern keeps them at the provider: one that ends in * would let them go to anybody.',
    remedy: 'Write a name with at least two labels without * at its end, such as https://*.files.example.',
    ...shown(
      'action',
      `
effect: create
file: {description: Content of the thing}
inputs: {}
steps:
  - id: place
    request: {method: POST, path: /things}
  - id: content
    upload_file: {url: steps.place.body.upload_url, method: PUT, origins: [«"https://acme.*"]}
`,
      `
effect: create
file: {description: Content of the thing}
inputs: {}
steps:
  - id: place
    request: {method: POST, path: /things}
  - id: content
    upload_file: {url: steps.place.body.upload_url, method: PUT, origins: ["https://*.acme.example"]}
`,
    ),
  },
  ACT022: {
    why: 'The default is sent when a caller asks for no size. The provider would refuse one above its largest, or cut it down and make pages be skipped.',
    remedy: 'Make default_size at most max_size.',
    ...shown(
      'action',
      `
inputs: {}
request: {method: GET, path: /things}
pagination: {style: offset, offset: from, size: count, default_size: «200, max_size: 100, count: $count(body.things)}
output: {list: body.things}
`,
      `
inputs: {}
request: {method: GET, path: /things}
pagination: {style: offset, offset: from, size: count, default_size: 100, max_size: 100, count: $count(body.things)}
output: {list: body.things}
`,
    ),
  },
  ACT023: {
    why: 'JSON Schema passes over a bound that is for another type, without a word: a longest length of a number bounds nothing.',
    remedy: 'Use minimum and maximum for numbers, min_length, max_length and pattern for texts, items for lists.',
    ...shown(
      'action',
      'inputs:\n  thing_id: {type: integer, required: true, «max_length: 4}\n',
      'inputs:\n  thing_id: {type: integer, required: true, maximum: 9999}\n',
    ),
  },
  ACT024: {
    why: 'A form is names with values. A text or a list has no names.',
    remedy: 'Write the body as a mapping, or take another content_type.',
    ...shown(
      'action',
      `
effect: create
inputs: {}
request:
  method: POST
  path: /things
  content_type: application/x-www-form-urlencoded
  body: «[a, b]
`,
      `
effect: create
inputs: {}
request:
  method: POST
  path: /things
  content_type: application/x-www-form-urlencoded
  body: {names: [a, b]}
`,
    ),
  },
  ACT025: {
    why: 'The content_type decides how the body is written. Without a body it says nothing; a header beside it could say something else than what is sent.',
    remedy: 'Remove content_type where there is no body, and a Content-Type header where the body is a form.',
    ...shown(
      'action',
      `
request: {method: GET, path: "/things/{thing_id}", «content_type: application/json}
`,
      `
effect: update
request: {method: PUT, path: "/things/{thing_id}", content_type: application/json, body: {seen: true}}
`,
    ),
  },
  ACT026: {
    why: 'A link in an answer is an address and nothing else: following it is a read, without a body.',
    remedy: 'Take another style of pagination for a request that posts.',
    ...shown(
      'action',
      `
effect: execute
inputs: {}
request: {method: POST, path: /things/search}
pagination: {style: «link_header}
output: {list: body.things}
`,
      `
inputs: {}
request: {method: GET, path: /things}
pagination: {style: link_header}
output: {list: body.things}
`,
    ),
  },
} as const satisfies Record<string, RulePage>;
