import type { FastifyInstance } from 'fastify';
import type { Registry } from '../connector/connector.ts';
import { ACCOUNT_STATUSES, type AccountStatus } from '../domain/account.ts';
import { searchAccounts } from '../domain/account-search.ts';
import { textQuery } from '../domain/account-terms.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { type AccountListView, viewListed } from './listed-accounts.ts';
import { listQuery, onlyParameters, textParameter } from './query.ts';

type Query = Record<string, string | string[] | undefined>;

// Of every connector and profile; the store takes no term of another form.
const ID = /^[\w-]{1,100}$/;
const FILTERS = ['connector', 'connector_profile_id', 'owner_id', 'status', 'text'] as const;

/** `GET /accounts`: a page of the accounts that the caller may see and that fit all filters, see `searchAccounts`. */
export function listAccountsRoute(app: FastifyInstance, store: Store, registry: () => Registry): void {
  app.get<{ Querystring: Query }>(
    '/accounts',
    { config: { access: ANY_ROLE } },
    async (request): Promise<AccountListView> => {
      onlyParameters(request.query, ['limit', 'next', ...FILTERS]);
      const { project, accounts } = callerOf(request);
      const [connector, profile, owner, status, text] = FILTERS.map((name) => textParameter(request.query, name));
      checkFilters({ status, text, connector, connector_profile_id: profile });
      const filters = { connector, profile, owner, status: status as AccountStatus | undefined, text, among: accounts };
      const found = await searchAccounts(store, project, filters, listQuery(request.query));
      const data = await viewListed(store, registry(), project, found.data, found.profiles);
      return { data, next: found.next };
    },
  );
}

function checkFilters(given: Partial<Record<(typeof FILTERS)[number], string | undefined>>): void {
  const { status, text } = given;
  const errors: FieldError[] = [];
  if (status !== undefined && !(ACCOUNT_STATUSES as readonly string[]).includes(status))
    errors.push({ path: '/status', message: `must be one of ${ACCOUNT_STATUSES.join(', ')}` });
  if (text !== undefined && textQuery(text) === undefined)
    errors.push({ path: '/text', message: 'must have a letter, a digit or a sign to look for' });
  for (const name of ['connector', 'connector_profile_id'] as const)
    if (!ID.test(given[name] ?? 'none')) errors.push({ path: `/${name}`, message: 'must be an id' });
  if (errors.length > 0) throw new Problem('request_invalid', 'The query is not valid.', { errors });
}
