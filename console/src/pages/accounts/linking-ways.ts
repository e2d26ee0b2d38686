import type { ConnectorView } from '../../api/catalogue.ts';

export type Grant = ConnectorView['authentication'][number]['grant'];

export type Way = 'link' | 'device' | 'here';

/** How accounts come about with a method: by a person's consent, or by what an operator gives. */
export function waysOf(grant: Grant): Way[] {
  switch (grant) {
    case 'authorization_code':
      return ['link', 'device'];
    // Somebody has the token already.
    case 'provided_token':
      return ['here'];
    // An operator may know all that is needed, or leave it to the customer.
    case 'api_key':
    case 'client_credentials':
    case 'jwt_bearer':
      return ['here', 'link', 'device'];
  }
}

export const WAYS: Readonly<Record<Way, { label: string; text: string }>> = {
  link: { label: 'Send a link', text: 'The customer opens it, and consents at the provider where that is needed.' },
  device: {
    label: 'Code on another device',
    text: 'For somebody who is with you or on the phone: they open a page of this server on their own device, and type a short code that you tell them.',
  },
  here: { label: 'Make it here', text: 'Nobody has to consent: the account works as soon as it is made.' },
};

/** Whether a credential is to be given with the account. */
export function credentialOf(grant: Grant): 'api_key' | 'access_token' | undefined {
  if (grant === 'api_key') return 'api_key';
  return grant === 'provided_token' ? 'access_token' : undefined;
}
