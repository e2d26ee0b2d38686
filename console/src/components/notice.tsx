import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import classes from './notice.module.css';

const SHOWN_MS = 5_000;

const NoticeContext = createContext<((text: string) => void) | undefined>(undefined);

/** Says in a line, for five seconds, that something was done: `notice('Profile saved')`. Never for errors. */
export function useNotice(): (text: string) => void {
  const notice = useContext(NoticeContext);
  if (!notice) throw new Error('useNotice outside of NoticeProvider');
  return notice;
}

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState({ text: '', count: 0 });
  const notice = useCallback((text: string) => setShown(({ count }) => ({ text, count: count + 1 })), []);
  useEffect(() => {
    if (shown.text === '') return;
    const timer = setTimeout(() => setShown((before) => ({ ...before, text: '' })), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <NoticeContext value={notice}>
      {children}
      {/* There from the start: what is added together with its text is not read out. */}
      <output aria-live="polite" className={classes.place}>
        {shown.text !== '' && (
          <span key={shown.count} className={classes.notice}>
            {shown.text}
          </span>
        )}
      </output>
    </NoticeContext>
  );
}
