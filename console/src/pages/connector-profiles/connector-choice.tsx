import { Button, Group, Radio, Text, TextInput } from '@mantine/core';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { useId, useState } from 'react';
import type { ConnectorSummaryView } from '../../api/catalogue.ts';
import classes from './profile-form.module.css';

interface ConnectorChoiceProps {
  connectors: readonly ConnectorSummaryView[];
  chosen: ConnectorSummaryView | undefined;
  onChoose: (id: string | null) => void;
}

/** The connectors, to be searched; the chosen one alone once there is one. */
export function ConnectorChoice({ connectors, chosen, onChoose }: ConnectorChoiceProps) {
  const [text, setText] = useState('');
  if (chosen) {
    return (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <div>
          <Text fw={500}>{chosen.label}</Text>
          <Text size="sm" c="dimmed">
            {chosen.description}
          </Text>
        </div>
        <Button
          variant="default"
          size="compact-md"
          aria-label="Change the connector"
          flex="none"
          onClick={() => onChoose(null)}
        >
          Change
        </Button>
      </Group>
    );
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = connectors.filter(({ id, label, description }) =>
    words.every((word) => `${id} ${label} ${description}`.toLowerCase().includes(word)),
  );
  return (
    <>
      <TextInput
        type="search"
        label="Search connectors"
        leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw="26rem"
        mb="sm"
      />
      <Choices
        label="Connector"
        value={null}
        onChoose={onChoose}
        choices={found.map(({ id, label, description }) => ({ id, label, description }))}
      />
      {found.length === 0 && (
        <Text c="dimmed" role="status">
          No connectors match your search.
        </Text>
      )}
    </>
  );
}

interface ChoicesProps {
  label: string;
  value: string | null;
  onChoose: (id: string) => void;
  choices: readonly { id: string; label: string; description: string | null }[];
  error?: string | undefined;
}

/** One of a few, each with a sentence on what it is. */
export function Choices({ label, value, onChoose, choices, error }: ChoicesProps) {
  const name = useId();
  return (
    <Radio.Group value={value} onChange={onChoose} aria-label={label} error={error}>
      <div className={classes.choices}>
        {choices.map((choice) => (
          <label
            key={choice.id}
            htmlFor={`${name}-${choice.id}`}
            className={classes.choice}
            data-checked={choice.id === value}
          >
            <Radio
              id={`${name}-${choice.id}`}
              value={choice.id}
              aria-label={choice.label}
              aria-describedby={`${name}-${choice.id}-text`}
            />
            <span>
              <span className={classes.choiceLabel}>{choice.label}</span>
              <span id={`${name}-${choice.id}-text`} className={classes.choiceText}>
                {choice.description}
              </span>
            </span>
          </label>
        ))}
      </div>
    </Radio.Group>
  );
}
