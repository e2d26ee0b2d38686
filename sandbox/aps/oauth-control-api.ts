import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import type {
  AppRequest,
  ClockChange,
  ConsentRequest,
  GrantSelection,
  OauthControls,
  ServiceAccountChange,
  ServiceAccountRequest,
} from './oauth-controls.ts';

export type ControlHandler = (body: unknown) => Answer | Promise<Answer>;

const json = (status: number, value: unknown): Answer => jsonAnswer(status, value, 'application/json');

/** What `/_sandbox/…` offers of the OAuth provider, by path and method. The controls check what they get. */
export function oauthControlHandlers(controls: OauthControls): Record<string, Record<string, ControlHandler>> {
  return {
    people: { GET: () => json(200, { people: controls.people() }) },
    apps: { POST: (body) => json(201, controls.registerApp(body as AppRequest)) },
    consent: { POST: (body) => json(200, controls.consent(body as ConsentRequest)) },
    grants: { GET: () => json(200, controls.grants()) },
    'grants/revoke': {
      POST: (body) => json(200, { revoked: controls.revokeGrants(body as GrantSelection | undefined) }),
    },
    service_accounts: {
      POST: async (body) => json(201, await controls.createServiceAccount(body as ServiceAccountRequest | undefined)),
      PATCH(body) {
        controls.changeServiceAccount(body as ServiceAccountChange);
        return emptyAnswer(204);
      },
    },
    clock: {
      GET: () => json(200, controls.clock()),
      POST: (body) => json(200, controls.advanceClock(body as ClockChange)),
    },
  };
}
