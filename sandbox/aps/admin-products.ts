import { ACC_EXTRA_PRODUCTS, ACC_PRODUCTS } from './account-catalogue.ts';
import type { Access, AccountProject, Member } from './account-model.ts';
import { adminBadInput, requireAdminObject } from './admin-context.ts';

const KEYS: readonly string[] = [...ACC_PRODUCTS, ...ACC_EXTRA_PRODUCTS];
const ACCESS: readonly string[] = ['administrator', 'member', 'none'] satisfies Access[];

/**
 * `[{key, access}]` by the page's guidelines, read strictly: an administrator administers every product that is named,
 * `none` of the administration leaves `member` (or `none`) of the others, and the administration has no `member`.
 */
export function readProducts(project: AccountProject, given: unknown): Member['products'] {
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.length === 0) throw adminBadInput('products must be a list.');
  const products = given.map((one) => readProduct(requireAdminObject(one, 'products')));
  if (new Set(products.map((one) => one.key)).size !== products.length) throw adminBadInput('products repeats a key.');
  const strange = products.find((one) => one.access !== 'none' && !project.productKeys.includes(one.key));
  if (strange !== undefined) throw adminBadInput(`The product ${strange.key} is not active in the project.`);
  const administration = products.find((one) => one.key === 'projectAdministration')?.access;
  const others = products.filter((one) => one.key !== 'projectAdministration').map((one) => one.access);
  if (administration === 'member') throw adminBadInput('projectAdministration cannot have access member.');
  if (administration === 'administrator' && others.some((access) => access !== 'administrator')) {
    throw adminBadInput('With projectAdministration=administrator every other product must be administrator.');
  }
  if (administration === 'none' && others.includes('administrator')) {
    throw adminBadInput('With projectAdministration=none every other product must be member.');
  }
  return products;
}

function readProduct(product: Record<string, unknown>): { key: string; access: Access } {
  const { key, access } = product;
  if (typeof key !== 'string' || !KEYS.includes(key)) throw adminBadInput('products has an unknown key.');
  if (!isAccess(access)) throw adminBadInput(`The access of ${key} is invalid.`);
  return { key, access };
}

function isAccess(value: unknown): value is Access {
  return typeof value === 'string' && ACCESS.includes(value);
}
