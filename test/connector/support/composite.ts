import { changed, type Files, GOOD } from './sources.ts';

const APIS = `apis:
  things:
    label: Things
    content_type: application/vnd.acme+json
    headers: {X-Region: "\${account.region}-things", accept: text/plain}
    rate_limits:
      - {id: reads, requests: 300, per_s: 60, endpoints: ["GET /things/{}", "GET /things/{any}/parts"]}
      - {id: others, requests: 50, per_s: 60}
  bare:
    label: Bare
    rate_limits:
      - {id: writes, requests: 5, per_s: 1, endpoints: ["POST /bare"]}
diagnosis:
  - {id: token, label: A token can be had., remedy: Look at the secret., token: app}
  - id: thing
    label: The thing is there.
    remedy: Make it.
    needs: [token]
    api: things
    scopes: [read]
    needs_settings: [thing_id]
    request: {method: GET, path: "/things/{thing_id}"}
    passed_when: body.active
  - {id: person, label: Somebody cares., remedy: Find one., needs: [token, thing], not_checked: Nobody can tell.}
errors:
  rules:
    - when: status = 403 and inputs.whatever and account.region = "EU" and request.method = "GET" and request.path = "/x"
      code: provider_forbidden
`;

const ACTION = `- id: send_file
  label: Send File
  description: A file.
  api: things
  effect: create
  scopes: [write]
  token: any
  inputs:
    folder: {type: string, required: true}
    name: {type: string}
    owner: {type: string}
    tags:
      type: array
      min_items: 1
      max_items: 5
      items:
        type: object
        properties:
          key: {type: string, required: true, pattern: "^[a-z]+$"}
          value: {type: string, default: none}
  file: {description: Any file.}
  requires:
    - {that: $exists(inputs.name) or $exists(file.name), input: name, message: Give a name.}
    - {that: $exists(inputs.owner), token: app, input: owner, message: Give an owner.}
  steps:
    - id: look
      request:
        method: GET
        path: /things/{folder}/parts
        allow_slashes: [folder]
        accept_status: [404]
        refused_when: body.bad
      pagination: {style: offset, offset: from, size: count, default_size: 10, max_size: 100, count: $count(body.parts), total: body.total}
      find: 'body.parts[name = $$.inputs.name]'
    - id: label
      when: $exists(inputs.tags)
      for_each: inputs.tags
      request: {method: POST, path: /labels, body: {key: "\${item.key}", tags: "\${inputs.tags.key}"}}
    - id: upload
      upload_parts:
        urls:
          method: POST
          path: /things/{folder}/urls
          query: {first: "\${parts.first}", count: "\${parts.count}", key: "\${steps.upload.body.key}"}
        url_list: body.urls
        origins: ["https://*.acme-files.test", "https://s3-*.up.acme-files.test"]
        max_urls: 25
        min_part_bytes: 5242880
        max_parts: 10000
        expired_when: status = 403 and $contains(body, /expired/)
    - id: direct
      when: $not($exists(steps.upload.size))
      upload_file:
        url: steps.look.body.url
        method: PUT
        origins: ["https://up.acme-files.test"]
        headers: {Content-Type: "\${file.content_type}"}
    - id: finish
      request: {method: POST, path: /bare, body: {etags: "\${steps.upload.etags}", owner: "\${inputs.owner}", found: "\${steps.look.found.id}"}}
  output:
    object: '{ "id": body.id, "size": steps.upload.size, "labels": steps.label.answers.body.id, "name": file.name }'
  warnings: steps.finish.body.warnings
`;

const EXAMPLE = `- name: A file.
  action: send_file
  source: made up
  inputs: {folder: f/1, owner: me}
  file: {bytes: 7, name: a.txt}
  exchanges:
    - request: {method: GET, url: "https://api.acme.test/things/f%2F1/parts?from=0&count=10"}
      response: {status: 404}
    - request: {method: POST, url: "https://api.acme.test/things/f1/urls?first=1&count=1"}
      response: {status: 200, body: {urls: ["https://a.acme-files.test/1"]}}
    - request: {method: PUT, url: "https://a.acme-files.test/1", bytes: 7}
      response: {status: 200, headers: {etag: '"x"'}}
    - request: {method: POST, url: "https://api.acme.test/bare", body: {etags: [x]}}
      response: {status: 201, body: {id: t1}}
  output: {data: {id: t1}}
- name: A file without a name is refused.
  action: send_file
  source: made up
  inputs: {folder: f1}
  problem: {code: inputs_invalid}
`;

export const UPLOADS = 'actions/uploads.yaml';
export const UPLOAD_EXAMPLES = 'examples/uploads.yaml';

const MAIN = 'connector.yaml';
const withSetting = changed(GOOD, MAIN, 'account_settings:\n', 'account_settings:\n  thing_id: {type: string}\n');
const [head = ''] = (withSetting[MAIN] ?? '').split('errors:\n');

/** A good connector with everything that composite actions, APIs and diagnosis have. */
export const COMPOSITE: Files = {
  ...withSetting,
  [MAIN]: `${head}${APIS}`,
  [UPLOADS]: ACTION,
  [UPLOAD_EXAMPLES]: EXAMPLE,
};
