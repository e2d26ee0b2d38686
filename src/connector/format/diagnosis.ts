import { type Static, Type } from 'typebox';
import { expression, NAME_PATTERN, Scope, strict } from './parts.ts';
import { RequestFormat } from './request.ts';

const common = {
  id: Type.String({ pattern: NAME_PATTERN }),
  label: Type.String({ minLength: 1, description: 'What should be so, as a statement.' }),
  remedy: Type.String({ minLength: 1, description: 'What to do when it is not so, step by step.' }),
  needs: Type.Optional(
    Type.Array(Type.String(), { uniqueItems: true, description: 'Earlier checks that must have passed.' }),
  ),
};

const TokenCheck = Type.Object(
  {
    ...common,
    token: Type.Enum(['app'], { description: 'Passed when such a token can be had with all scopes of the profile.' }),
  },
  strict,
);

const RequestCheck = Type.Object(
  {
    ...common,
    api: Type.Optional(Type.String({ description: "One of the connector's apis." })),
    scopes: Type.Array(Scope, { uniqueItems: true, description: 'Not checked where the profile lacks one.' }),
    needs_settings: Type.Optional(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description: 'Account settings without which it is not checked.',
      }),
    ),
    request: RequestFormat,
    passed_when: Type.Optional(
      expression('Of an answer; passed unless it is something else than true. Without it every answer passes.'),
    ),
  },
  {
    ...strict,
    description: 'A harmless read; passed when it is answered. Its inputs are none, its path takes account settings.',
  },
);

const ManualCheck = Type.Object(
  { ...common, not_checked: Type.String({ minLength: 1, description: 'Why no request can tell.' }) },
  { ...strict, description: 'Only a person can check it.' },
);

export const CheckFormat = Type.Union([TokenCheck, RequestCheck, ManualCheck]);
export type CheckFormat = Static<typeof CheckFormat>;
