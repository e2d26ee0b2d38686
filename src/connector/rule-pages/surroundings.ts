import { type Excerpt, MARK } from './page.ts';

/** A whole connector, as small as can be: what stands around every excerpt of the rules' pages. Files below its folder. */
export const SURROUNDINGS = {
  'connector.yaml': `id: acme
label: Acme
description: Things that Acme keeps.
hosts: {api: "https://api.acme.example"}
scopes:
  things:read: {description: Read things}
  things:write: {description: Change things, includes: ["things:read"]}
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
account_settings:
  region: {type: string, enum: [us, eu], default: us}
`,
  'actions/things.yaml': `- id: get_thing
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
  'examples/things.yaml': `- name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.example/things/t1"}
  response: {status: 200, body: {id: t1}}
  output: {data: {id: t1}}
`,
} as const;

/** The surrounding connector with an excerpt (its mark included) in its place; not for listings. Files below its folder. */
export function placed({ place, text }: Excerpt): Record<string, string> {
  const {
    'connector.yaml': main,
    'actions/things.yaml': actions,
    'examples/things.yaml': examples,
  }: Record<keyof typeof SURROUNDINGS, string> = SURROUNDINGS;
  // The example shows the action as it is without the excerpt.
  const withoutExamples = { 'connector.yaml': main };
  switch (place) {
    case 'connector':
      return { ...SURROUNDINGS, 'connector.yaml': replaceKeys(main, text) };
    case 'action':
      return { ...withoutExamples, 'actions/things.yaml': asItem(replaceKeys(asMapping(actions), text)) };
    case 'actions':
      return { ...withoutExamples, 'actions/things.yaml': text };
    case 'example':
      return { ...SURROUNDINGS, 'examples/things.yaml': asItem(replaceKeys(asMapping(examples), text)) };
    case 'examples':
      return { ...SURROUNDINGS, 'examples/things.yaml': text };
    case 'guides':
      return { ...SURROUNDINGS, ...Object.fromEntries(filesOf(text)) };
    case 'listing':
      return {};
  }
}

/** Files that begin with a comment of their path each. */
function filesOf(text: string): [path: string, text: string][] {
  return text.split(/^(?=# \w+\/)/m).map((file) => [/^# (\S+)/.exec(file)?.[1] ?? '', file]);
}

function asMapping(item: string): string {
  return item.replace(/^- /, '').replace(/\n {2}/g, '\n');
}

function asItem(mapping: string): string {
  return `- ${mapping.replace(/\n(?=[^\n])/g, '\n  ')}`;
}

/** The mapping with the excerpt's keys; the blocks of both begin at the left margin. */
function replaceKeys(mapping: string, excerpt: string): string {
  const own = blocksOf(excerpt);
  const replaced = new Set(own.map(keyOf));
  // An action has either of the two.
  if (replaced.has('steps')) replaced.add('request');
  const kept = blocksOf(mapping).filter((block) => !replaced.has(keyOf(block)));
  return [...kept, ...own].join('');
}

function blocksOf(mapping: string): string[] {
  return mapping.split(/^(?=\S)/m);
}

function keyOf(block: string): string {
  return (block.startsWith(MARK) ? block.slice(MARK.length) : block).split(':')[0] ?? '';
}
