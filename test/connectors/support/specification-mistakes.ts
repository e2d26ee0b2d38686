/** What the official files get wrong: a violation that a request of an action is bound to have, and why it is none. */
export interface SpecificationMistake {
  action: string;
  violation: string;
  reason: string;
}

export const SPECIFICATION_MISTAKES: readonly SpecificationMistake[] = [];

/** Scopes that the official files ask for and the actions do not. */
export const SCOPE_MISTAKES: readonly { action: string; scope: string; reason: string }[] = [];

/** Actions without an operation in the official files. */
export const UNCOVERED_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['autodesk_update_account_project', 'PATCH of hq/v1 projects: only the older reference pages of BIM 360 have it.'],
  ['autodesk_list_project_industry_roles', 'hq/v2: only the older reference pages of BIM 360 have it.'],
  ['autodesk_upload_to_s3', 'The request goes to Amazon S3.'],
]);
