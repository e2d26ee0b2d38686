import { Button, Group, Text } from '@mantine/core';
import classes from '../components/states.module.css';

interface ConflictNoticeProps {
  /** Names as the form has them; empty shows nothing. */
  conflicts: readonly string[];
  onDiscard: () => void;
}

/** Says that somebody else changed what is edited here, and offers theirs; to save keeps one's own. */
export function ConflictNotice({ conflicts, onDiscard }: ConflictNoticeProps) {
  if (conflicts.length === 0) return null;
  return (
    <section className={classes.problem} data-tone="refused" role="alert">
      <Text fw={500}>Changed elsewhere meanwhile: {conflicts.join(', ')}</Text>
      <Text c="dimmed">What you save now takes the place of that change.</Text>
      <Group gap="xs" mt="xs">
        <Button variant="default" size="compact-md" onClick={onDiscard}>
          Take what is there now
        </Button>
      </Group>
    </section>
  );
}
