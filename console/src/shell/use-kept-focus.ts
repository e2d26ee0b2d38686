import { useEffect } from 'react';
import { MAIN_ID } from './skip-link.tsx';

const LOADING = 'data-loading';

/**
 * Keeps the place of whoever uses a keyboard or a screen reader, who would otherwise begin anew at the top of the page:
 * - A button gets the focus back when it has finished what it was pressed for. Meanwhile it is disabled, and what is disabled
 *   loses the focus.
 * - What vanishes with the focus in it leaves it to what it stood in.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let pressed: Element | null = null;
    // What has the focus, and all that it stands in.
    let focused: Element[] = [];
    const onFocus = ({ target }: FocusEvent) => {
      focused = [];
      for (let at = target instanceof Element ? target : null; at; at = at.parentElement) focused.push(at);
    };
    const observer = new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (!(target instanceof HTMLButtonElement)) continue;
        if (target.hasAttribute(LOADING)) {
          // Told before the browser takes it away.
          if (document.activeElement === target) pressed = target;
        } else if (target === pressed) {
          pressed = null;
          focusUnlessElsewhere(target);
        }
      }
      if (focused[0]?.isConnected === false) {
        const left = focused.find((element) => element.isConnected);
        const main = document.getElementById(MAIN_ID);
        focused = [];
        focusUnlessElsewhere(left && main?.contains(left) ? left : main);
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: [LOADING] });
    document.addEventListener('focusin', onFocus);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', onFocus);
    };
  }, []);
}

/** Unless somebody or something has taken the focus elsewhere. */
function focusUnlessElsewhere(element: Element | null): void {
  if (!(element instanceof HTMLElement) || document.activeElement !== document.body) return;
  // What is no control takes the focus from a program alone.
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
