import { type RulePage, shown } from './page.ts';

/** Of the rules about guides. */
export const GUIDE_PAGES = {
  GUI001: {
    why: 'A guide is shown to those who set up one way to obtain tokens. For one that is not there nobody would ever see it.',
    remedy: 'Name the id of an authentication of connector.yaml.',
    ...shown(
      'guides',
      `
# guides/app.yaml
authentication: «ap
summary: An app that reads things.
sections: [{title: Make an app, text: Open the console.}]
`,
      `
# guides/app.yaml
authentication: app
summary: An app that reads things.
sections: [{title: Make an app, text: Open the console.}]
`,
    ),
  },
  GUI002: {
    why: 'Of two guides for the same authentication only one could be shown.',
    remedy: 'Merge the two, or name another authentication.',
    ...shown(
      'guides',
      `
# guides/app.yaml
authentication: app
summary: An app that reads things.
sections: [{title: Make an app, text: Open the console.}]
# guides/other.yaml
authentication: «app
summary: An app that changes things.
sections: [{title: Make an app, text: Open the console.}]
`,
      `
# guides/app.yaml
authentication: app
summary: An app that reads or changes things.
sections: [{title: Make an app, text: Open the console.}]
`,
    ),
  },
  GUI003: {
    why: 'A part of a guide is shown when a selected action needs one of its scopes, or belongs to one of its APIs. Misspelt, it would be shown to nobody.',
    remedy: 'Name scopes of the catalogue (or the beginning of some, with * after it) and apis of connector.yaml.',
    ...shown(
      'guides',
      `
# guides/app.yaml
authentication: app
summary: An app that reads things.
sections:
  - title: Ask for write access
    for: {scopes: [«"thing:*"]}
    text: Write to Acme.
`,
      `
# guides/app.yaml
authentication: app
summary: An app that reads things.
sections:
  - title: Ask for write access
    for: {scopes: ["things:*"]}
    text: Write to Acme.
`,
    ),
  },
} as const satisfies Record<string, RulePage>;
