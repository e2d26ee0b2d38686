import type { Route } from './router.ts';
import { ADMIN_ROUTES } from './routes-admin.ts';
import { DATA_MANAGEMENT_ROUTES } from './routes-data-management.ts';
import { OSS_ROUTES } from './routes-oss.ts';
import { WEBHOOK_ROUTES } from './routes-webhooks.ts';

/** Everything behind a token (and the signed addresses); token endpoint and control API are not among it. */
export const ROUTES: readonly Route[] = [...DATA_MANAGEMENT_ROUTES, ...OSS_ROUTES, ...ADMIN_ROUTES, ...WEBHOOK_ROUTES];
