import { Anchor, Group, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'react-router';
import classes from './page-header.module.css';

interface PageHeaderProps {
  /** The page's only h1, and the window's title. */
  title: string;
  /** One sentence on what the page is for. */
  description?: ReactNode;
  /** Beside the title: a status, say. */
  badge?: ReactNode;
  /** Buttons, the primary one last. */
  actions?: ReactNode;
  /** The page above this one. */
  parent?: { label: string; to: string };
}

/** Begins every page, also while it loads. After a navigation the focus goes to the title, so that it is read out. */
export function PageHeader({ title, description, badge, actions, parent }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Nobody navigated to the first page of a visit: its focus is where the browser put it.
  // Filters change the address, too, and must not take the focus away: what was at the beginning counts.
  const [navigated] = useState(useLocation().key !== 'default');
  useEffect(() => {
    if (navigated) heading.current?.focus({ preventScroll: true });
  }, [navigated]);
  useEffect(() => {
    document.title = `${title} – Corbel`;
  }, [title]);
  return (
    <header className={classes.header}>
      <div className={classes.text}>
        {parent && (
          <Anchor component={Link} to={parent.to} size="sm" className={classes.parent}>
            <span aria-hidden="true">← </span>
            {parent.label}
          </Anchor>
        )}
        <Group gap="sm" align="center">
          <Title order={1} ref={heading} tabIndex={-1}>
            <bdi>{title}</bdi>
          </Title>
          {badge}
        </Group>
        {description !== undefined && (
          <Text c="dimmed" mt={4} className={classes.description}>
            {description}
          </Text>
        )}
      </div>
      {actions !== undefined && (
        <Group gap="xs" className={classes.actions}>
          {actions}
        </Group>
      )}
    </header>
  );
}
