import type { Action, Connector } from '../../connector/connector.ts';
import type { Account } from '../../domain/account.ts';
import type { ConnectorProfile } from '../../domain/connector-profile.ts';
import { type Admission, admit, scopesOf } from '../../engine/gate.ts';
import { PROBLEMS, Problem } from '../../problems.ts';
import type { ToldGate, ToldProblem } from './told.ts';

/** The gate's verdict, and with what the call goes on: where it is refused, as if it were not. */
export function explainGate(
  connector: Connector,
  action: Action,
  profile: ConnectorProfile,
  account: Account,
): { told: ToldGate; admission: Admission } {
  const authentication = connector.authentication.get(profile.authentication);
  if (!authentication) throw new Error(`${profile.authentication} is no authentication of ${connector.id}`);
  const { held } = scopesOf(connector, action, profile, null);
  let refusal: ToldProblem | undefined;
  let admission: Admission = {
    authentication,
    tokenKind: action.token !== 'any' ? action.token : authentication.tokens.has('user') ? 'user' : 'app',
    scopes: [...action.scopes],
    missingProviderScopes: action.providerScopes.filter((scope) => !held.has(scope)),
  };
  try {
    admission = admit({ key: { actions: null, accounts: null }, connector, action, account, profile });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refusal = toldProblem(error);
  }
  return {
    admission,
    told: {
      authentication: authentication.id,
      grant: authentication.grant,
      gives: [...authentication.tokens],
      wants: action.token,
      token: admission.tokenKind,
      scopes: [
        ...action.scopes.map((scope) => ({ scope, by: 'action' as const, held: held.has(scope) })),
        ...action.providerScopes.map((scope) => ({ scope, by: 'provider' as const, held: held.has(scope) })),
      ],
      refusal,
    },
  };
}

/** A problem as the explanation shows it. */
export function toldProblem(problem: Problem): ToldProblem {
  const { code, message, options } = problem;
  return { code, message, hint: options.hint ?? PROBLEMS[code].hint };
}
