import { Stack, TextInput } from '@mantine/core';
import { errorAt } from '../../api/problem.ts';
import { SecretField } from '../../components/secret-field.tsx';

/** What was typed; secrets, so only in the state of the form. */
export interface CredentialDraft {
  secret?: string | undefined;
  refresh?: string | undefined;
  expiresInS?: string;
}

interface CredentialFieldsProps {
  kind: 'api_key' | 'access_token';
  draft: CredentialDraft;
  onChange: (draft: CredentialDraft) => void;
  error: unknown;
  /** Where it stands in the body: `/credential`, or empty. */
  at: string;
}

/** A key, or a token that was obtained elsewhere. */
export function CredentialFields({ kind, draft, onChange, error, at }: CredentialFieldsProps) {
  if (kind === 'api_key')
    return (
      <SecretField
        label="API key"
        description="Checked with the provider, and never shown again."
        value={draft.secret}
        onChange={(secret) => onChange({ ...draft, secret })}
        error={errorAt(error, `${at}/api_key`)}
        required
      />
    );
  return (
    <Stack gap="sm">
      <SecretField
        label="Access token"
        description="Checked with the provider, and never shown again."
        value={draft.secret}
        onChange={(secret) => onChange({ ...draft, secret })}
        error={errorAt(error, `${at}/access_token`)}
        required
      />
      <SecretField
        label="Refresh token"
        description="With it the account outlives the access token. From now on it is used here alone."
        value={draft.refresh}
        onChange={(refresh) => onChange({ ...draft, refresh })}
        error={errorAt(error, `${at}/refresh_token`)}
      />
      <TextInput
        label="Access token ends in, seconds"
        description="Where the provider does not tell."
        inputMode="numeric"
        value={draft.expiresInS ?? ''}
        onChange={(event) => onChange({ ...draft, expiresInS: event.currentTarget.value })}
        error={errorAt(error, `${at}/expires_in_s`)}
      />
    </Stack>
  );
}

/** Pointers that have a field here. */
export function credentialPointers(at: string): string[] {
  return ['api_key', 'access_token', 'refresh_token', 'expires_in_s'].map((name) => `${at}/${name}`);
}

/** As the server takes it. */
export function credentialBody(
  kind: 'api_key' | 'access_token',
  { secret = '', refresh, expiresInS }: CredentialDraft,
) {
  if (kind === 'api_key') return { api_key: secret };
  return {
    access_token: secret,
    ...(refresh && { refresh_token: refresh }),
    ...(expiresInS && { expires_in_s: Number(expiresInS) }),
  };
}
