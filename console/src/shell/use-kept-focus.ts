import { useEffect } from 'react';

const LOADING = 'data-loading';

/**
 * Gives the focus back to a button that has finished what it was pressed for. Meanwhile it is disabled, and what is disabled
 * loses the focus: keyboards and screen readers would begin anew at the top of the page.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let pressed: Element | null = null;
    const observer = new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (!(target instanceof HTMLButtonElement)) continue;
        if (target.hasAttribute(LOADING)) {
          // Told before the browser takes it away.
          if (document.activeElement === target) pressed = target;
        } else if (target === pressed) {
          pressed = null;
          // Unless somebody or something has gone elsewhere.
          if (document.activeElement === document.body) target.focus({ preventScroll: true });
        }
      }
    });
    observer.observe(document.body, { subtree: true, attributeFilter: [LOADING] });
    return () => observer.disconnect();
  }, []);
}
