import { PageFrame } from './page-frame.tsx';
import classes from './shell.module.css';
import { MAIN_ID, SkipLink } from './skip-link.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { Wordmark } from './wordmark.tsx';

/** What stands around the pages that everybody may read. */
export function PublicShell() {
  return (
    <>
      <SkipLink />
      <header className={`${classes.header} ${classes.publicHeader}`}>
        <Wordmark />
        <ThemeSwitch />
      </header>
      <main id={MAIN_ID} tabIndex={-1} className={classes.publicMain}>
        <div className={classes.content}>
          <PageFrame />
        </div>
      </main>
    </>
  );
}
