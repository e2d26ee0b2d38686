const part = encodeURIComponent;

/** Where every page of the console is; links go through these, never through written-out paths. */
export const paths = {
  overview: '/console',
  profiles: '/console/connector-profiles',
  newProfile: '/console/connector-profiles/new',
  profile: (id: string) => `/console/connector-profiles/${part(id)}`,
  accounts: '/console/accounts',
  linkAccount: '/console/accounts/link',
  account: (id: string) => `/console/accounts/${part(id)}`,
  tryIt: '/console/try-it',
  /** `query`: account, action. */
  tryItWith: (query: Readonly<Record<string, string>>) => `/console/try-it?${new URLSearchParams(query)}`,
  requests: '/console/requests',
  request: (id: string) => `/console/requests/${part(id)}`,
  connectors: '/console/connectors',
  connector: (id: string) => `/console/connectors/${part(id)}`,
  action: (connector: string, id: string) => `/console/connectors/${part(connector)}/actions/${part(id)}`,
  guides: '/console/guides',
  guide: (connector: string, authentication: string) => `/console/guides/${part(connector)}/${part(authentication)}`,
  publicGuide: (connector: string, authentication: string) => `/guides/${part(connector)}/${part(authentication)}`,
  apiKeys: '/console/api-keys',
  audit: '/console/audit',
  settings: '/console/settings',
} as const;
