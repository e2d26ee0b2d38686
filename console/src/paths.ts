const part = encodeURIComponent;

/** Where every page of the console is; links go through these, never through written-out paths. */
export const paths = {
  overview: '/console',
  profiles: '/console/connector-profiles',
  newProfile: '/console/connector-profiles/new',
  profile: (id: string) => `/console/connector-profiles/${part(id)}`,
  accounts: '/console/accounts',
  /** Those under a profile. */
  accountsOf: (profile: string) => `/console/accounts?${new URLSearchParams({ connector_profile_id: profile })}`,
  linkAccount: '/console/accounts/link',
  linkAgain: (account: string) => `/console/accounts/link?${new URLSearchParams({ account })}`,
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
