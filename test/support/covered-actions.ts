import { afterAll, expect } from 'vitest';
import type { Client, Reply } from './client.ts';

/** Which test file calls which actions for real, on both stores; together they are all there are. */
export const COVERED_ACTIONS = {
  account: [
    'list_account_users',
    'get_account_user',
    'create_account_user',
    'update_account_user',
    'list_account_projects',
    'create_account_project',
    'update_account_project',
    'list_account_companies',
    'list_project_users',
    'create_project_user',
    'update_project_user',
    'list_project_industry_roles',
    'list_business_units',
    'create_business_units',
  ],
  webhooks: [
    'list_webhooks',
    'list_webhooks_by_system',
    'get_webhook',
    'create_webhook',
    'update_webhook',
    'delete_webhook',
  ],
  data: [
    'list_hubs',
    'get_hub',
    'list_projects',
    'get_project',
    'list_top_folders',
    'get_folder',
    'list_folder_contents',
    'create_folder',
    'update_folder',
    'search_folder',
    'get_item',
    'get_item_tip',
    'list_item_versions',
    'create_item',
    'update_item',
    'create_storage',
    'get_version',
    'get_version_download_formats',
    'get_version_downloads',
    'create_version',
  ],
  objects: [
    'list_buckets',
    'create_bucket',
    'get_bucket_details',
    'delete_bucket',
    'list_bucket_objects',
    'delete_object',
    'get_signed_s3_download_url',
    'get_signed_s3_upload_urls',
  ],
  persons: ['get_current_user'],
  uploads: ['upload_to_s3', 'signed_s3_upload', 'upload_file_in_project_folder'],
} as const;

/** Every scope that the operators' guide names. */
export const ALL_SCOPES = [
  'data:read',
  'data:write',
  'data:create',
  'data:search',
  'bucket:create',
  'bucket:read',
  'bucket:update',
  'bucket:delete',
  'account:read',
  'account:write',
] as const;

/**
 * For use in a suite: at its end, the clients that went through the result must have called each of a file's actions
 * successfully, dry runs not counted.
 */
export function watchCalls(file: keyof typeof COVERED_ACTIONS): {
  client(client: Client): Client;
  /** For calls that go past the client. */
  note(action: string, reply: Reply): Reply;
} {
  const called = new Set<string>();
  afterAll(() => {
    expect(COVERED_ACTIONS[file].filter((action) => !called.has(action))).toEqual([]);
  });
  const note = (action: string, reply: Reply): Reply => {
    if (reply.status === 200) called.add(action);
    return reply;
  };
  return {
    note,
    client: (client) => {
      const call: Client['call'] = async (method, path, options) => {
        const reply = await client.call(method, path, options);
        const [, action] = /^\/actions\/autodesk_(\w+)/.exec(path) ?? [];
        return action === undefined || path.includes('dry_run=') ? reply : note(action, reply);
      };
      return {
        ...client,
        call,
        act: (action, account, inputs = {}, query = '') =>
          call('POST', `/actions/autodesk_${action}${query && `?${query}`}`, {
            body: inputs,
            headers: { 'x-account-id': account },
          }),
      };
    },
  };
}
