import { AppShell, Burger, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import IconLogout from '@tabler/icons-react/dist/esm/icons/IconLogout.mjs';
import { useSession } from '../session/session-context.tsx';
import { Navigation } from './navigation.tsx';
import { PageFrame } from './page-frame.tsx';
import classes from './shell.module.css';
import { MAIN_ID, SkipLink } from './skip-link.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { Wordmark } from './wordmark.tsx';

const HEADER = '3.25rem';
const NAVIGATION_ID = 'navigation';

/** What stands around every page behind the sign-in. */
export function Shell() {
  const { session, signOut } = useSession();
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: HEADER }}
      navbar={{ width: '14.5rem', breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={0}
      transitionDuration={0}
    >
      <SkipLink />
      <AppShell.Header className={classes.header}>
        <Group gap="sm" wrap="nowrap" className={classes.identity}>
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="md"
            size="sm"
            aria-label={opened ? 'Close the navigation' : 'Open the navigation'}
            aria-expanded={opened}
            aria-controls={NAVIGATION_ID}
          />
          <Wordmark />
          <span className={classes.divider} aria-hidden="true" />
          <Text className={classes.project} title={session.project.name}>
            <span className="visually-hidden">Project: </span>
            {session.project.name}
          </Text>
        </Group>
        <Group gap={4} wrap="nowrap">
          <Text c="dimmed" size="sm" visibleFrom="sm" truncate maw="16rem" mr="xs" title={session.key.name}>
            <span className="visually-hidden">Signed in with the key </span>
            {session.key.name}
          </Text>
          <ThemeSwitch />
          <Button
            variant="subtle"
            color="gray"
            size="compact-md"
            px="xs"
            aria-label="Sign out"
            onClick={() => void signOut()}
          >
            <IconLogout size={18} stroke={1.6} aria-hidden />
            <Text span size="sm" ml={6} visibleFrom="sm">
              Sign out
            </Text>
          </Button>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar id={NAVIGATION_ID} className={classes.navbar} data-opened={opened} component="div">
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id={MAIN_ID} tabIndex={-1} className={classes.main}>
        <div className={classes.content}>
          <PageFrame />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
