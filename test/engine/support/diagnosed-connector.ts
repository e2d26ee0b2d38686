import { exampleConnector } from './example-connector.ts';

/** A connector with a checklist of every kind of check. */
export const DIAGNOSED_CONNECTOR = exampleConnector(`
errors:
  rules:
    - when: status = 403 and body.reason = "not provisioned"
      code: integration_not_provisioned
      hint: Add the client id in the account.
diagnosis:
  - id: credentials
    label: The client id and secret are accepted.
    remedy: Check the client id and secret.
    token: app
  - id: tenant
    label: The app is added to the tenant.
    remedy: Add the app to the tenant.
    needs: [credentials]
    scopes: ["a:read"]
    needs_settings: [tenant]
    api: limited
    request: { method: GET, path: "/tenants/{tenant}" }
  - id: projects
    label: The tenant has projects.
    remedy: Make a project.
    needs: [tenant]
    scopes: ["a:read", "b:read"]
    needs_settings: [tenant]
    request: { method: GET, path: "/tenants/{tenant}/projects" }
    passed_when: $count(body.results) > 0
  - id: people
    label: A person is named.
    remedy: Ask an administrator to invite a person.
    not_checked: No request tells it.
`);

export const DIAGNOSED_ACTIONS = `
- id: list_things
  label: List Things
  description: Things.
  effect: read
  scopes: ["a:read"]
  token: any
  request: { method: GET, path: /things }
  output: { list: body.results }
`;
