import { type SetStateAction, useState } from 'react';
import { rebase } from './rebase.ts';

export interface DraftState<T> {
  draft: T;
  setDraft: (change: SetStateAction<T>) => void;
  /** As it was when the draft began, or was last carried over: what differs from it is to be saved. */
  base: T;
  /** Names of what others changed meanwhile, and the draft too. */
  conflicts: readonly string[];
  /** Back to what there is now. */
  discard: () => void;
  /** The server has taken `sent`; what was typed since stays. `forget` takes secrets out that were in it. */
  saved: (sent: T, forget?: (draft: T) => T) => void;
}

/**
 * What is edited of something that others, and the server itself, may change meanwhile. Each new `version` of it is taken over
 * where nothing was typed; nothing that was typed is ever lost.
 */
export function useDraft<T extends object>(present: T, version: string): DraftState<T> {
  const [state, setState] = useState<Kept<T>>({ version, base: present, draft: present, conflicts: [] });
  let current = state;
  if (state.version !== version) {
    const { draft, conflicts } = rebase(state.base, present, state.draft);
    current = { version, base: present, draft, conflicts: [...new Set([...state.conflicts, ...conflicts])] };
    // While rendering, so that nothing older is ever seen: https://react.dev/reference/react/useState#storing-information-from-previous-renders
    setState(current);
  }
  return {
    ...current,
    setDraft: (change) =>
      setState((before) => ({ ...before, draft: typeof change === 'function' ? change(before.draft) : change })),
    discard: () => setState({ version, base: present, draft: present, conflicts: [] }),
    saved: (sent, forget = (draft) => draft) =>
      setState((before) => ({ ...before, base: forget(sent), draft: forget(before.draft), conflicts: [] })),
  };
}

interface Kept<T> {
  version: string;
  base: T;
  draft: T;
  conflicts: readonly string[];
}
