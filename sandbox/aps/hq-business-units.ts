import { randomUUID } from 'node:crypto';
import type { Account, BusinessUnit } from './account-model.ts';
import { isoTime } from './account-seed.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { hqBadInput, hqUnprocessable, optionalText, requireAccount, requireObject } from './hq-context.ts';
import { hqAnswer } from './hq-lists.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function listBusinessUnits(context: ApiContext): Answer {
  return hqAnswer(200, { business_units: requireAccount(context).businessUnits });
}

/**
 * Redefines the whole structure: units that the body leaves out are gone, and projects lose them. The page says "creates or
 * redefines" and no more; this is the reading that can hurt, so callers must expect it.
 */
export function redefineBusinessUnits(context: ApiContext): Answer {
  const account = requireAccount(context);
  const given = requireObject(context.body).business_units;
  if (!Array.isArray(given)) throw hqBadInput('business_units must be an array');
  const at = isoTime(context.now());
  const units = given.map((one) => readUnit(account, requireObject(one), at));
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  if (byId.size !== units.length) throw hqUnprocessable('the ids of business units must differ');
  for (const unit of units) unit.path = pathOf(unit, byId);
  account.businessUnits = units;
  for (const project of account.projects.values()) {
    if (project.businessUnitId !== null && !byId.has(project.businessUnitId)) project.businessUnitId = null;
  }
  return hqAnswer(200, { business_units: units });
}

function readUnit(account: Account, body: Record<string, unknown>, at: string): BusinessUnit {
  const name = optionalText(body, 'name');
  if (name === undefined || name === null || name === '') throw hqUnprocessable('name is required');
  const id = optionalText(body, 'id') ?? randomUUID();
  if (!UUID.test(id)) throw hqUnprocessable('id is invalid');
  const known = account.businessUnits.find((unit) => unit.id === id);
  return {
    id,
    account_id: account.id,
    parent_id: optionalText(body, 'parent_id') ?? null,
    name,
    description: optionalText(body, 'description') ?? null,
    path: null,
    created_at: known?.created_at ?? at,
    updated_at: at,
  };
}

/** 422 for a parent that is not in the structure, and for one that is its own ancestor. */
function pathOf(unit: BusinessUnit, byId: ReadonlyMap<string, BusinessUnit>): string | null {
  const ancestors: string[] = [];
  const seen = new Set([unit.id]);
  for (let id = unit.parent_id; id !== null; ) {
    const parent = byId.get(id);
    if (parent === undefined || seen.has(id)) throw hqUnprocessable('parent_id is invalid');
    seen.add(id);
    ancestors.unshift(parent.name);
    id = parent.parent_id;
  }
  return ancestors.length === 0 ? null : ancestors.join('/');
}
