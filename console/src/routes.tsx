import type { TablerIcon } from '@tabler/icons-react';
import IconApps from '@tabler/icons-react/dist/esm/icons/IconApps.mjs';
import IconBook2 from '@tabler/icons-react/dist/esm/icons/IconBook2.mjs';
import IconHistory from '@tabler/icons-react/dist/esm/icons/IconHistory.mjs';
import IconKey from '@tabler/icons-react/dist/esm/icons/IconKey.mjs';
import IconLayoutDashboard from '@tabler/icons-react/dist/esm/icons/IconLayoutDashboard.mjs';
import IconListDetails from '@tabler/icons-react/dist/esm/icons/IconListDetails.mjs';
import IconPlugConnected from '@tabler/icons-react/dist/esm/icons/IconPlugConnected.mjs';
import IconSettings from '@tabler/icons-react/dist/esm/icons/IconSettings.mjs';
import IconTerminal2 from '@tabler/icons-react/dist/esm/icons/IconTerminal2.mjs';
import IconUsers from '@tabler/icons-react/dist/esm/icons/IconUsers.mjs';
import { type ComponentType, lazy } from 'react';
import { paths } from './paths.ts';

export interface PageRoute {
  path: string;
  Page: ComponentType;
}

/** A page that stands in the navigation, with what is below it. */
export interface NavigationEntry {
  label: string;
  to: string;
  Icon: TablerIcon;
  /** Placeholders are not shown. */
  ready: boolean;
}

export interface NavigationGroup {
  label: string | undefined;
  entries: readonly NavigationEntry[];
}

/** Set `ready` when the page is more than a placeholder. */
export const NAVIGATION: readonly NavigationGroup[] = [
  {
    label: undefined,
    entries: [{ label: 'Overview', to: paths.overview, Icon: IconLayoutDashboard, ready: true }],
  },
  {
    label: 'Connections',
    entries: [
      { label: 'Connector profiles', to: paths.profiles, Icon: IconPlugConnected, ready: true },
      { label: 'Accounts', to: paths.accounts, Icon: IconUsers, ready: true },
    ],
  },
  {
    label: 'Calls',
    entries: [
      { label: 'Try it', to: paths.tryIt, Icon: IconTerminal2, ready: true },
      { label: 'Requests', to: paths.requests, Icon: IconListDetails, ready: true },
    ],
  },
  {
    label: 'Catalogue',
    entries: [
      { label: 'Connectors', to: paths.connectors, Icon: IconApps, ready: true },
      { label: 'Guides', to: paths.guides, Icon: IconBook2, ready: true },
    ],
  },
  {
    label: 'Project',
    entries: [
      { label: 'API keys', to: paths.apiKeys, Icon: IconKey, ready: true },
      { label: 'Audit', to: paths.audit, Icon: IconHistory, ready: true },
      { label: 'Settings', to: paths.settings, Icon: IconSettings, ready: true },
    ],
  },
];

/** Each page is a chunk of its own, loaded when it is first gone to. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name): ComponentType {
  return lazy(async (): Promise<{ default: ComponentType }> => ({ default: (await load())[name] }));
}

/** Pages for whoever is signed in. */
export const PAGES: readonly PageRoute[] = [
  { path: paths.overview, Page: page(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage') },
  { path: paths.profiles, Page: page(() => import('./pages/connector-profiles/profiles-page.tsx'), 'ProfilesPage') },
  {
    path: paths.newProfile,
    Page: page(() => import('./pages/connector-profiles/new-profile-page.tsx'), 'NewProfilePage'),
  },
  {
    path: '/console/connector-profiles/:id',
    Page: page(() => import('./pages/connector-profiles/profile-page.tsx'), 'ProfilePage'),
  },
  { path: paths.accounts, Page: page(() => import('./pages/accounts/accounts-page.tsx'), 'AccountsPage') },
  { path: paths.linkAccount, Page: page(() => import('./pages/accounts/link-account-page.tsx'), 'LinkAccountPage') },
  { path: '/console/accounts/:id', Page: page(() => import('./pages/accounts/account-page.tsx'), 'AccountPage') },
  { path: paths.tryIt, Page: page(() => import('./pages/try-it/try-it-page.tsx'), 'TryItPage') },
  { path: paths.requests, Page: page(() => import('./pages/requests/requests-page.tsx'), 'RequestsPage') },
  { path: '/console/requests/:id', Page: page(() => import('./pages/requests/request-page.tsx'), 'RequestPage') },
  { path: paths.connectors, Page: page(() => import('./pages/connectors/connectors-page.tsx'), 'ConnectorsPage') },
  {
    path: '/console/connectors/:id',
    Page: page(() => import('./pages/connectors/connector-page.tsx'), 'ConnectorPage'),
  },
  {
    path: '/console/connectors/:connector/actions/:id',
    Page: page(() => import('./pages/connectors/action-page.tsx'), 'ActionPage'),
  },
  { path: paths.guides, Page: page(() => import('./pages/guides/guides-page.tsx'), 'GuidesPage') },
  {
    path: '/console/guides/:connector/:authentication',
    Page: page(() => import('./pages/guides/guide-page.tsx'), 'GuidePage'),
  },
  { path: paths.apiKeys, Page: page(() => import('./pages/api-keys/api-keys-page.tsx'), 'ApiKeysPage') },
  { path: paths.audit, Page: page(() => import('./pages/audit/audit-page.tsx'), 'AuditPage') },
  { path: paths.settings, Page: page(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage') },
];

/** Pages for everybody, without a session and without the navigation. */
export const PUBLIC_PAGES: readonly PageRoute[] = [
  {
    path: '/guides/:connector/:authentication',
    Page: page(() => import('./pages/guides/public-guide-page.tsx'), 'PublicGuidePage'),
  },
];
