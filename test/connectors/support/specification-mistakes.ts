/** What the official files get wrong: a violation that a request of an action is bound to have, and why it is none. */
export interface SpecificationMistake {
  action: string;
  violation: string;
  reason: string;
}

export const SPECIFICATION_MISTAKES: readonly SpecificationMistake[] = [
  ...each(['autodesk_create_account_user', 'autodesk_update_account_user'], {
    violation: 'body/default_role is not known',
    reason: 'The reference pages have it.',
  }),
  {
    action: 'autodesk_create_project_user',
    violation: 'body/suppressAdministrativeEmails is not known',
    reason: 'The reference page has it.',
  },
  {
    action: 'autodesk_update_project_user',
    violation: 'body/companyName is not known',
    reason: 'The reference page has it.',
  },
  {
    action: 'autodesk_search_folder',
    violation: 'header "x-user-id" is not known',
    reason:
      'The reference page has it, as every other operation of Data Management; the file knows user tokens only here.',
  },
  ...each(['autodesk_create_item', 'autodesk_upload_file_in_project_folder'], {
    violation: 'header "x-user-id" is not known',
    reason: 'The file has it among the query parameters and calls it a header in the same breath.',
  }),
  ...each(['autodesk_create_item', 'autodesk_create_version'], {
    violation: 'body/meta/workflowAttribute must be string',
    reason: 'The file itself calls it a JSON object, and the reference pages send one.',
  }),
  {
    action: 'autodesk_upload_file_in_project_folder',
    violation: 'query parameter "filter[attributes.displayName]" is not known',
    reason: 'The section about filtering allows any attribute; the file has the common ones.',
  },
  {
    action: 'autodesk_list_webhooks',
    violation: 'query parameter "status" must be equal to one of the allowed values',
    reason: 'The file leaves "reactivated" out of the values of the filter, and describes it there.',
  },
  ...['body/filter must be string', 'body/hookAttribute must be object', 'body/hookExpiry must be string'].map(
    (violation) => ({
      action: 'autodesk_update_webhook',
      violation,
      reason: 'null takes it away: so the reference page and, of hookExpiry, the file itself in words.',
    }),
  ),
];

/** Scopes that the official files ask for and the actions do not. */
export const SCOPE_MISTAKES: readonly { action: string; scope: string; reason: string }[] = [
  {
    action: 'autodesk_get_bucket_details',
    scope: 'viewables:read',
    reason: 'The reference page does not ask for it, and derivatives have nothing to do with buckets.',
  },
];

/** Actions without an operation in the official files. */
export const UNCOVERED_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['autodesk_update_account_project', 'PATCH of hq/v1 projects: only the older reference pages of BIM 360 have it.'],
  ['autodesk_list_project_industry_roles', 'hq/v2: only the older reference pages of BIM 360 have it.'],
  ['autodesk_get_current_user', 'The file of authentication has it, which holds nothing else that actions call.'],
  ['autodesk_upload_to_s3', 'The request goes to Amazon S3.'],
]);

function each(
  actions: readonly string[],
  mistake: Omit<SpecificationMistake, 'action'>,
): readonly SpecificationMistake[] {
  return actions.map((action) => ({ action, ...mistake }));
}
