import type { Connector, Registry } from '../../../src/connector/connector.ts';
import { compiledOf, type Files } from '../../connector/support/sources.ts';

/** A connector with what differs most between providers: keys, links to pages, forms, steps that may be left out. */
export const SHOP: Files = {
  'connector.yaml': `id: acme
label: Acme
description: A shop.
hosts: {api: "https://api.acme.test", auth: "https://auth.acme.test"}
scopes:
  read: {description: Read}
  write: {description: Write, includes: [read]}
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {host: auth, path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
  - id: key
    label: Key
    grant: api_key
    placement: {in: header, name: X-Key}
    identity: {path: /me, subject: body.user.id, name: body.user.name}
account_settings:
  region: {type: string, enum: [US, EU], default: US}
defaults:
  headers: {x-region: "\${account.region}"}
errors:
  rules:
    - {when: status = 404, code: provider_not_found}
`,
  'actions/orders.yaml': `- id: list_orders
  label: List Orders
  description: Orders.
  effect: read
  scopes: [read]
  token: any
  inputs:
    state: {type: string}
  request:
    method: GET
    path: /orders
    query: {state: "\${inputs.state}"}
  pagination: {style: link_header, size: per_page, max_size: 100}
  output:
    list: body
    item: '{"id": id, "total": total}'
    fields: {id: {type: string}, total: {type: integer}}

- id: get_order
  label: Get Order
  description: An order.
  effect: read
  scopes: [read]
  token: user
  inputs:
    order_id: {type: string, required: true}
  request: {method: GET, path: "/orders/{order_id}"}
  output: {object: 'body.{"id": id}', fields: {id: {type: string}}}

- id: create_order
  label: Create Order
  description: A new order.
  effect: create
  scopes: [write]
  token: any
  inputs:
    item: {type: string, required: true}
    note: {type: string}
  steps:
    - id: order
      request:
        method: POST
        path: /orders
        content_type: application/x-www-form-urlencoded
        body: {item: "\${inputs.item}", options: {gift: true}}
    - id: note
      when: $exists(inputs.note)
      request:
        method: POST
        path: /orders/{order_id}/notes
        path_params: {order_id: "\${steps.order.body.id}"}
        body: {text: "\${inputs.note}"}
  output: {object: 'steps.order.body.{"id": id}', fields: {id: {type: string}}}
`,
  'examples/orders.yaml': `# Kept.
- name: A page of orders.   # A remark.
  action: list_orders
  source: made up
  inputs: {state: open}
  request: {method: GET, url: "https://api.acme.test/orders?state=open", headers: {x-region: US}}
  response:
    status: 200
    headers: {link: '<https://api.acme.test/orders?state=open&page=2>; rel="next"'}
    body: [{id: o1, total: 5}]
  output: {data: [{id: o1, total: 5}], more: true}

- name: The last page.
  action: list_orders
  source: made up
  account: {region: EU}
  request: {method: GET, url: "https://api.acme.test/orders", headers: {x-region: EU}}
  response: {status: 200, body: [{id: o2, total: 7}]}
  output: {data: [{id: o2, total: 7}]}

- name: An order.
  action: get_order
  source: made up
  inputs: {order_id: o1}
  request: {method: GET, url: "https://api.acme.test/orders/o1", headers: {x-region: US}}
  response: {status: 200, body: {id: o1}}
  output: {data: {id: o1}}

- name: There is no such order.
  action: get_order
  source: made up
  inputs: {order_id: none}
  request: {method: GET, url: "https://api.acme.test/orders/none", headers: {x-region: US}}
  response: {status: 404, body: {error: none}}
  problem: {code: provider_not_found}

- name: An order with a note.
  action: create_order
  source: made up
  inputs: {item: tea, note: quickly}
  exchanges:
    - request:
        method: POST
        url: https://api.acme.test/orders
        headers: {x-region: US, content-type: application/x-www-form-urlencoded}
        body: {item: tea, options: {gift: true}}
      response: {status: 201, body: {id: o3}}
    - request:
        method: POST
        url: https://api.acme.test/orders/o3/notes
        headers: {x-region: US, content-type: application/json}
        body: {text: quickly}
      response: {status: 201, body: {}}
  output: {data: {id: o3}}

- name: An order without a note.
  action: create_order
  source: made up
  inputs: {item: tea}
  exchanges:
    - request:
        method: POST
        url: https://api.acme.test/orders
        headers: {x-region: US, content-type: application/x-www-form-urlencoded}
        body: {item: tea, options: {gift: true}}
      response: {status: 201, body: {id: o4}}
  output: {data: {id: o4}}
`,
};

export function registryOf(files: Files): { registry: Registry; connector: Connector } {
  const connector = compiledOf(files);
  const registry = { hash: '', connectors: new Map([[connector.id, connector]]), actions: connector.actions };
  return { registry, connector };
}
