import { createContext, useContext } from 'react';
import type { Session } from '../api/session.ts';

export interface SignedIn {
  session: Session;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<SignedIn | undefined>(undefined);

export const SessionProvider = SessionContext.Provider;

/** Who is signed in; on pages behind the sign-in only. */
export function useSession(): SignedIn {
  const signedIn = useContext(SessionContext);
  if (!signedIn) throw new Error('useSession outside of SessionGate');
  return signedIn;
}
