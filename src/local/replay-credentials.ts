import { generateKeyPairSync } from 'node:crypto';
import type { Action, Authentication, Connector } from '../connector/connector.ts';
import { givesTokenFor } from '../connector/token-kind.ts';
import { Secret } from '../secret.ts';
import type { LocalCredentials } from './local-engine.ts';

const RSA_BITS = 2_048;

/** Makes up credentials with which an action can be played. */
export interface ReplayCredentials {
  /** Fresh ones, so that what is remembered of a client does not touch the next. Undefined where no method will do. */
  of(connector: Connector, action: Action): LocalCredentials | undefined;
}

export function createReplayCredentials(): ReplayCredentials {
  const keys = new Map<string, Secret>();
  let count = 0;

  function privateKey(algorithm: string): Secret {
    const known = keys.get(algorithm) ?? makeKey(algorithm);
    keys.set(algorithm, known);
    return known;
  }

  return {
    of(connector, action) {
      const method = methodFor(connector, action);
      if (!method) return undefined;
      count += 1;
      if (method.grant === 'api_key') return { authentication: method.id, token: new Secret(`person-${count}`) };
      const client = {
        authentication: method.id,
        clientId: `client-${count}`,
        clientSecret: new Secret(`client-secret-${count}`),
      };
      if (method.grant === 'client_credentials') return client;
      if (method.grant === 'jwt_bearer') {
        const key = privateKey(method.assertion?.algorithm ?? 'RS256');
        return { ...client, serviceAccount: { id: `robot-${count}`, keyId: 'key', privateKey: key } };
      }
      return { ...client, token: new Secret(`person-${count}`) };
    },
  };
}

/** The first that gives the kind of token; of a person, one that needs nobody's consent first. */
function methodFor({ authentication }: Connector, action: Action): Authentication | undefined {
  const able = [...authentication.values()].filter((method) => givesTokenFor(method, action));
  const robot = action.token === 'user' ? able.find(({ grant }) => grant === 'jwt_bearer') : undefined;
  return robot ?? able[0];
}

function makeKey(algorithm: string): Secret {
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}
