import { type Static, Type } from 'typebox';
import { choice, expression, NAME_PATTERN, Scope, strict } from './parts.ts';
import { describedRequest } from './request.ts';

const common = {
  id: Type.String({
    pattern: NAME_PATTERN,
    description: 'Name of the check, for `needs` of later ones.',
    examples: ['credentials'],
  }),
  label: Type.String({
    minLength: 1,
    description: 'What should be so, as a statement.',
    examples: ['The client id and the client secret are accepted'],
  }),
  remedy: Type.String({
    minLength: 1,
    description: 'What to do when it is not so, step by step, with the names that the provider uses on its pages.',
    examples: ['1. Open the app at the provider. 2. Copy its client secret into the connector profile.'],
  }),
  needs: Type.Optional(
    Type.Array(Type.String({ description: 'Id of an earlier check.' }), {
      uniqueItems: true,
      description: 'Earlier checks that must have passed. Otherwise this one is skipped.',
      examples: [['credentials']],
    }),
  ),
};

const TokenCheck = Type.Object(
  {
    ...common,
    token: choice('Passed when a token of this kind can be had.', {
      app: "With the app's own credentials, with all scopes of the profile.",
      user: "From the account's own grant or key, which is asked for its identity where the method declares one.",
    }),
  },
  { ...strict, title: 'Token check', description: 'Asks for a token.' },
);

const RequestCheck = Type.Object(
  {
    ...common,
    api: Type.Optional(Type.String({ description: "One of the connector's `apis`.", examples: ['issues'] })),
    scopes: Type.Array(Scope, {
      uniqueItems: true,
      description: 'Scopes of the request. Not checked where the profile lacks one.',
      examples: [['issues:read']],
    }),
    needs_settings: Type.Optional(
      Type.Array(Type.String({ description: 'Name of an account setting.' }), {
        uniqueItems: true,
        description: 'Account settings without which it is not checked.',
        examples: [['workspace_id']],
      }),
    ),
    request: describedRequest('A harmless read, with GET or HEAD. It has no inputs; its path takes account settings.'),
    passed_when: Type.Optional(
      expression(
        'Whether an answer passes. Reads `status`, `headers`, `body`, `account`. Passed only when it gives `true`; without it ' +
          'every answer passes.',
        '$count(body.data) > 0',
      ),
    ),
  },
  { ...strict, title: 'Request check', description: 'Sends a harmless read. Passed when it is answered.' },
);

const ManualCheck = Type.Object(
  {
    ...common,
    not_checked: Type.String({
      minLength: 1,
      description: 'Why no request can tell.',
      examples: ['The provider has no request that shows it.'],
    }),
  },
  { ...strict, title: 'Manual check', description: 'Only a person can check it.' },
);

export const CheckFormat = Type.Union([TokenCheck, RequestCheck, ManualCheck], {
  title: 'Check',
  description: 'One line of the checklist. It has `token`, or `request`, or `not_checked`.',
});
export type CheckFormat = Static<typeof CheckFormat>;
