import { type RefObject, useEffect, useRef } from 'react';

/** Takes whoever sent a form to the first field that is wrong. `faults`: another one for each time that it was sent. */
export function useFocusOnFault(faults: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (faults) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);
  return form;
}
