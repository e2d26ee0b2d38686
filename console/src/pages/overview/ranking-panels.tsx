import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { OverviewView } from '../../api/overview.ts';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { count } from './figures.ts';
import classes from './overview.module.css';

const SHOWN = 10;

export function TopActionsPanel({ overview: { top_actions } }: { overview: OverviewView }) {
  return (
    <Section title="Most called">
      <ol className={classes.plain}>
        {top_actions.slice(0, SHOWN).map(({ action, calls, errors }) => (
          <li key={action} className={classes.line}>
            <Anchor component={Link} to={`${paths.requests}?action=${encodeURIComponent(action)}`}>
              <code>{action}</code>
            </Anchor>
            <span>
              {count(calls)}
              {errors > 0 && (
                <Text span c="dimmed">
                  , {count(errors)} failed
                </Text>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function ErrorsPanel({ overview: { errors_by_code } }: { overview: OverviewView }) {
  return (
    <Section title="Failures by code">
      {errors_by_code.length === 0 ? (
        <Text c="dimmed">Nothing failed in this time.</Text>
      ) : (
        <ol className={classes.plain}>
          {errors_by_code.slice(0, SHOWN).map(({ code, count: times }) => (
            <li key={code} className={classes.line}>
              <Anchor component={Link} to={`${paths.requests}?code=${encodeURIComponent(code)}`}>
                <code>{code}</code>
              </Anchor>
              <span>{count(times)}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
