import { Text } from '@mantine/core';
import type { ProfileTestResult } from '../../api/connector-profiles.ts';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import classes from './test-result.module.css';

/** What the provider said to a test: one line for each set of scopes that a token was asked for with. */
export function TestResult({ result }: { result: ProfileTestResult }) {
  const { ok, checks, detail } = result;
  return (
    <Section
      title="Test"
      description={detail ?? (ok ? 'The provider gave a token.' : 'The provider did not give a token for everything.')}
      actions={checks.length !== 1 && <StatusBadge status={ok ? 'passed' : 'failed'} />}
    >
      <ul className={classes.checks} aria-label="Outcomes">
        {checks.map((check) => (
          <li key={check.scopes.join(' ')}>
            <div className={classes.head}>
              <StatusBadge status={check.ok ? 'passed' : 'failed'} />
              <span className={classes.scopes}>
                {check.scopes.length === 0
                  ? 'Without scopes'
                  : check.scopes.map((scope) => <code key={scope}>{scope}</code>)}
              </span>
            </div>
            {!check.ok && (
              <>
                <Text>{check.detail}</Text>
                {saidBesides(check) && (
                  <Text>
                    The provider said: <bdi>{check.provider?.message}</bdi>
                  </Text>
                )}
                {check.hint !== undefined && <Text c="dimmed">{check.hint}</Text>}
                <Text size="sm" c="dimmed">
                  <code>{check.code}</code>
                  {check.provider?.request_id !== undefined && (
                    <>
                      {' '}
                      · provider's request <code>{check.provider.request_id}</code>
                    </>
                  )}
                </Text>
              </>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Mostly the detail has it already. */
function saidBesides({ detail = '', provider }: ProfileTestResult['checks'][number]): boolean {
  return provider?.message !== undefined && !detail.includes(provider.message);
}
