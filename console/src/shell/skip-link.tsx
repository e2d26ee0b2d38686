import classes from './shell.module.css';

export const MAIN_ID = 'main';

/** The first thing that the tab key reaches. */
export function SkipLink() {
  return (
    <a className={classes.skip} href={`#${MAIN_ID}`}>
      Skip to content
    </a>
  );
}
