import { NavLink } from 'react-router';
import { paths } from '../paths.ts';
import { NAVIGATION } from '../routes.tsx';
import classes from './shell.module.css';

export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const groups = NAVIGATION.map(({ label, entries }) => ({ label, entries: entries.filter(({ ready }) => ready) }));
  return (
    <nav aria-label="Main" className={classes.navigation}>
      {groups
        .filter(({ entries }) => entries.length > 0)
        .map(({ label, entries }) => (
          <div key={label ?? ''} className={classes.group}>
            {label !== undefined && <p className={classes.groupLabel}>{label}</p>}
            <ul aria-label={label}>
              {entries.map(({ label: name, to, Icon }) => (
                <li key={to}>
                  <NavLink to={to} end={to === paths.overview} className={classes.entry} onClick={onNavigate}>
                    <Icon size={18} stroke={1.6} aria-hidden />
                    {name}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
    </nav>
  );
}
