import { Text, TextInput } from '@mantine/core';
import { type Credential, credentialsOf } from '../../../../src/guide/next-sections.ts';
import type { ConnectorSummaryView } from '../../api/catalogue.ts';
import type { Profile } from '../../api/connector-profiles.ts';
import { SecretField } from '../../components/secret-field.tsx';
import { KeyField } from './key-field.tsx';
import type { ProfileDraft } from './profile-draft.ts';

interface CredentialFieldsProps {
  method: ConnectorSummaryView['authentication'][number];
  /** Kept already; undefined of a new one. */
  profile?: Profile | undefined;
  credentials: ProfileDraft['credentials'];
  onChange: (name: Credential['name'], value: string | undefined) => void;
  /** What is wrong with the field of a JSON pointer. */
  faultAt: (path: string) => string | undefined;
}

/** What the method needs of the app at the provider; nothing where the accounts bring keys. */
export function CredentialFields({ method, profile, credentials, onChange, faultAt }: CredentialFieldsProps) {
  const fields = credentialsOf(method);
  if (fields.length === 0) {
    return <Text c="dimmed">None: each account brings a key of its own, which is checked when it is linked.</Text>;
  }
  return fields.map((field) => {
    const { name, label, optional } = field;
    const shared = {
      label: optional ? `${label} (optional)` : label,
      error: faultAt(`/${name}`),
      required: !optional,
    };
    const change = (value: string | undefined) => onChange(name, value);
    if (name === 'private_key')
      return (
        <KeyField
          key={name}
          {...shared}
          present={profile?.has_private_key ?? false}
          value={credentials[name]}
          onChange={change}
        />
      );
    if (name === 'client_secret')
      return (
        <SecretField
          key={name}
          {...shared}
          {...(optional && !profile && { description: 'Leave it empty for an app that has none.' })}
          present={profile?.has_client_secret ?? false}
          value={credentials[name]}
          onChange={change}
        />
      );
    return (
      <TextInput
        key={name}
        {...shared}
        value={credentials[name] ?? ''}
        onChange={(event) => change(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-1p-ignore
        data-lpignore="true"
      />
    );
  });
}

/** The pointers of the fields' faults, which `ErrorState` need not show again. */
export function credentialPointers(method: Parameters<typeof credentialsOf>[0]): string[] {
  return credentialsOf(method).map(({ name }) => `/${name}`);
}
