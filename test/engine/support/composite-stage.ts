import { exampleConnector } from './example-connector.ts';
import { openStage } from './stage.ts';

const action = (id: string, rest: string) => `
- id: ${id}
  label: Test
  description: For a test.
  effect: create
  scopes: ["a:write"]
  token: any
${rest}`;

const ACTIONS = [
  action(
    'make_or_find',
    `
  inputs: { name: { type: string, required: true }, tags: { type: array, items: { type: string } } }
  steps:
    - id: look
      request: { method: GET, path: /things }
      pagination: { style: offset, offset: offset, size: limit, default_size: 2, max_size: 9, count: $count(body.results) }
      find: body.results[name = $$.inputs.name][0]
    - id: make
      when: $not($exists(steps.look.found))
      request: { method: POST, path: /things, body: { name: "\${inputs.name}" } }
    - id: tag
      when: $exists(inputs.tags)
      for_each: inputs.tags
      request:
        method: PUT
        path: /things/{thing}/tags/{tag}
        path_params:
          thing: "\${steps.look.found ? steps.look.found.id : steps.make.body.id}"
          tag: "\${item}"
        accept_status: [409]
  output:
    object: >-
      {
        "id": steps.look.found ? steps.look.found.id : steps.make.body.id,
        "made": $exists(steps.make),
        "tagged": $count(steps.tag.answers[status < 300]),
        "known": $count(steps.tag.answers[status = 409])
      }`,
  ),
  action(
    'read_then_write',
    `
  steps:
    - { id: read, request: { method: GET, path: /one } }
    - { id: write, request: { method: POST, path: /two, refused_when: body.errors } }
  output: { object: "{ 'last': body, 'status': status, 'first': steps.read.body }" }`,
  ),
  action(
    'put_file',
    `
  file: {}
  timeout_s: 1
  inputs: { skip: { type: boolean }, before: { type: boolean } }
  requires: [{ that: 'file.name or inputs.skip', message: "The file must have a name." }]
  steps:
    - { id: begin, when: inputs.before, request: { method: GET, path: /begin } }
    - id: upload
      when: $not(inputs.skip = true)
      upload_parts:
        urls:
          method: GET
          path: /urls
          query: { first: "\${parts.first}", count: "\${parts.count}", key: "\${steps.upload.body.key}" }
        url_list: body.urls
        origins: ["https://files.storage.example"]
        max_urls: 2
        min_part_bytes: 1000000
        max_parts: 100
        expired_when: status = 403
    - id: finish
      request:
        method: POST
        path: /finish
        body: { name: "\${file.name}", type: "\${file.content_type}", size: "\${steps.upload.size}", key: "\${steps.upload.body.key}" }
  output: { object: "{ 'size': steps.upload.size, 'answer': steps.finish.body }" }`,
  ),
].join('');

/** A stage with composite actions: found or made and tagged, read and written, a file in parts. */
export const compositeStage = () => openStage({ connector: exampleConnector(), actions: ACTIONS });
