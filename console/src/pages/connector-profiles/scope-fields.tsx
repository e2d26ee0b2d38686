import { Button, Checkbox, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import { leastScopes } from '../../../../src/guide/minimal-scopes.ts';
import type { ActionSummaryView, ConnectorView } from '../../api/catalogue.ts';
import classes from './profile-form.module.css';

type ScopeList = ConnectorView['scopes'];

interface ScopeFieldsProps {
  scopes: ScopeList;
  actions: readonly ActionSummaryView[];
  selectedActions: readonly string[] | null;
  value: readonly string[];
  onChange: (scopes: readonly string[]) => void;
}

/** The connector's scopes, with the least that the chosen actions need on offer. */
export function ScopeFields({ scopes, actions, selectedActions, value, onChange }: ScopeFieldsProps) {
  const chosen = new Set(value);
  const included = new Set(scopes.filter(({ name }) => chosen.has(name)).flatMap(({ includes }) => includes));
  // Of a link, or of a connector that was changed: the server refuses them, so they can be taken away.
  const unknown = value.filter((name) => !scopes.some((scope) => scope.name === name));
  const shown = [
    ...scopes,
    ...unknown.map((name) => ({ name, description: 'Unknown to the connector', includes: [] as string[] })),
  ];
  const toggle = (name: string) =>
    onChange(shown.map((scope) => scope.name).filter((one) => (one === name ? !chosen.has(one) : chosen.has(one))));
  return (
    <>
      <ScopeAdvice {...{ scopes, actions, selectedActions, value, onChange }} />
      <div className={classes.scopes}>
        {shown.map(({ name, description, includes }) => (
          <Checkbox
            key={name}
            checked={chosen.has(name)}
            onChange={() => toggle(name)}
            label={<code>{name}</code>}
            description={
              <>
                {description}
                {includes.length > 0 && <> – includes {includes.join(', ')}</>}
                {included.has(name) && !chosen.has(name) && <strong> (included already)</strong>}
              </>
            }
          />
        ))}
      </div>
    </>
  );
}

interface ScopeAdviceProps extends ScopeFieldsProps {
  /** Says nothing where nothing is wrong. */
  onlyMissing?: boolean;
}

/** How the chosen scopes and the chosen actions fit together, and the remedy where they do not. */
export function ScopeAdvice({
  onlyMissing = false,
  scopes,
  actions,
  selectedActions,
  value,
  onChange,
}: ScopeAdviceProps) {
  const { least, missing, blocked } = useMemo(() => {
    const includes = new Map(scopes.map((scope) => [scope.name, new Set(scope.includes)]));
    const named = new Set(selectedActions);
    const selected = selectedActions === null ? actions : actions.filter(({ id }) => named.has(id));
    const held = new Set(value.flatMap((scope) => [scope, ...(includes.get(scope) ?? [])]));
    const least = leastScopes(selected, (scope, other) => includes.get(scope)?.has(other) ?? false).scopes;
    return {
      least,
      missing: least.filter((scope) => !held.has(scope)),
      blocked: selected.filter((action) => action.scopes.some((scope) => !held.has(scope))).length,
    };
  }, [scopes, actions, selectedActions, value]);
  const count = selectedActions?.length;
  const whom =
    count === undefined ? `All ${actions.length} actions` : count === 1 ? 'The action' : `The ${count} actions`;
  const beyond = value.filter((scope) => !least.includes(scope));
  if (least.length === 0 || (onlyMissing && missing.length === 0)) return null;
  return (
    <div className={classes.advice} data-tone={missing.length > 0 ? 'missing' : 'fine'}>
      <Text>
        {whom} {count === 1 ? 'needs' : 'need'}{' '}
        {least.map((scope, index) => (
          <span key={scope}>
            {index > 0 && ', '}
            <code>{scope}</code>
          </span>
        ))}
        {missing.length > 0
          ? `. With what is chosen, ${blocked === 1 ? 'one' : blocked} would be refused.`
          : beyond.length > 0
            ? `. Chosen besides: ${beyond.join(', ')}.`
            : '. That is exactly what is chosen.'}
      </Text>
      {(missing.length > 0 || beyond.length > 0) && (
        <Group gap="xs" mt={6}>
          <Button variant="default" size="compact-sm" onClick={() => onChange(least)}>
            Use exactly these
          </Button>
          {missing.length > 0 && value.length > 0 && (
            <Button variant="subtle" size="compact-sm" onClick={() => onChange([...value, ...missing])}>
              Add what is missing
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
