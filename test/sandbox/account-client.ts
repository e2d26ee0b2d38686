import { type AccountIds, accountAnswer } from './account-documents.ts';
import { type Reply, type Running, startSandbox } from './client.ts';

export interface AccountCall {
  /** Instead of the one with `account:read account:write data:read`. */
  token?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface AccountClient extends Running {
  us: AccountIds;
  emea: AccountIds;
  ask(method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, more?: AccountCall): Promise<Reply>;
  personToken(userId: string): Promise<string>;
  /** Moves the sandbox's clock, so that no test waits for a project to become active. */
  advance(ms: number): void;
}

const START_MS = Date.UTC(2025, 0, 1);

/** A sandbox with 60 and 8 projects and a clock that the test moves. */
export async function startAccountSandbox(): Promise<AccountClient> {
  let time = START_MS;
  const running = await startSandbox({ usProjects: 60, emeaProjects: 8, now: () => time });
  const app = await running.token('account:read account:write data:read');
  const [us, emea] = accountAnswer(await running.call('/_sandbox/world')).hubs;
  if (us === undefined || emea === undefined) throw new Error('two hubs expected');
  const content = { 'content-type': 'application/json' };
  return {
    ...running,
    us,
    emea,
    ask(method, path, { token = app, headers = {}, body } = {}) {
      const authorization = `Bearer ${token}`;
      if (body === undefined) return running.call(path, { method, headers: { authorization, ...headers } });
      const sent = { authorization, ...content, ...headers };
      return running.call(path, { method, headers: sent, body: JSON.stringify(body) });
    },
    async personToken(user_id) {
      const body = JSON.stringify({ scope: 'account:read account:write', user_id });
      const reply = await running.call('/_sandbox/tokens', { method: 'POST', headers: content, body });
      return accountAnswer(reply).access_token;
    },
    advance(ms) {
      time += ms;
    },
  };
}
