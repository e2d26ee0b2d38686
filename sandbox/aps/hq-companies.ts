import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { requireAccount } from './hq-context.ts';
import { hqList } from './hq-lists.ts';

export function listAccountCompanies(context: ApiContext): Answer {
  return hqList([...requireAccount(context).companies.values()], context.query);
}
