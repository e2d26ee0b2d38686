import type { Seed } from './seed.ts';

/** The product keys of the reference pages. */
export const ACC_PRODUCTS = [
  'projectAdministration',
  'docs',
  'build',
  'cost',
  'designCollaboration',
  'modelCoordination',
  'insight',
  'takeoff',
] as const;
/** Possible in an ACC project, though an account must have bought them. */
export const ACC_EXTRA_PRODUCTS = [
  'autoSpecs',
  'financials',
  'buildingConnected',
  'capitalPlanning',
  'workshopxr',
] as const;
export const BIM360_PRODUCTS = [
  'projectAdministration',
  'documentManagement',
  'designCollaboration',
  'modelCoordination',
  'projectManagement',
  'insight',
] as const;

export const ROLE_NAMES = ['Architect', 'BIM Manager', 'Engineer', 'Project Manager', 'Superintendent'] as const;

/** Role ids of a BIM 360 project are its own; ACC shares the account's. */
export function roleId(seed: Seed, scope: string, name: string): string {
  return seed.uuid(`role/${scope}/${name}`);
}
