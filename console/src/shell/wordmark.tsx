import classes from './shell.module.css';

/** The name, with the bracket that it is called after. */
export function Wordmark() {
  return (
    <span className={classes.wordmark}>
      <svg viewBox="0 0 32 32" className={classes.mark} aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="7" fill="#0b5a8f" />
        <path d="M7 8h18v5h-5c0 6-5 11-11 11H7z" fill="#fff" />
      </svg>
      Corbel
    </span>
  );
}
