import { UnsecuredJWT } from 'jose';
import { expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';
import { PROJECT, userRequest } from './support/grant-node.ts';
import { grantStage, HOUR_MS } from './support/grant-stage.ts';

const stage = grantStage();

it('a refresh that narrows the scopes is told, by the answer or by the claims of the token', async () => {
  const node = await stage.start();
  const client = stage.server.client({}, { grantedScopes: compileExpression('claims.scope') });
  const wide = ['a:read', 'b:write', 'c:read'];
  await stage.link(node, 'acc_1', { scopes: wide });
  const answers: [Record<string, unknown>, string[]][] = [
    [{}, wide],
    [{ scope: '' }, wide],
    [{ scope: 'a:read b:write' }, ['a:read', 'b:write']],
    [{ access_token: new UnsecuredJWT({ scope: ['a:read'] }).encode() }, ['a:read']],
    [{ access_token: new UnsecuredJWT({ scope: { hostile: true } }).encode() }, ['a:read']],
  ];
  for (const [members, scopes] of answers) {
    stage.server.twist = () => ({ members });
    stage.advance(2 * HOUR_MS);
    const { scopes: given } = await node.grants.userToken(userRequest(client, 'acc_1', stage.clock));
    expect(given).toEqual(scopes);
    expect(node.scopes.at(-1)).toEqual({ account: 'acc_1', scopes });
    expect((await node.grants.inspect(PROJECT, 'acc_1'))?.scopes).toEqual(scopes);
  }
});
