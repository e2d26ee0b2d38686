import { Button, Text, Title } from '@mantine/core';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import { Link } from 'react-router';
import { paths } from '../../paths.ts';
import classes from './overview.module.css';

interface FirstStepsProps {
  /** What is done already. */
  profile: boolean;
  account: boolean;
  called: boolean;
}

/** Leads a new operator to a first call; nothing once there is an account. */
export function FirstSteps({ profile, account, called }: FirstStepsProps) {
  if (account || called) return null;
  const steps = [
    {
      title: 'Create a connector profile',
      text: 'It has the credentials of your app at a provider, and what it may be used for.',
      to: paths.newProfile,
      label: 'New profile',
      done: profile,
    },
    {
      title: 'Link an account',
      text: 'Of a customer, or your own: by a link for people, or by hand.',
      to: paths.linkAccount,
      label: 'Link an account',
      done: account,
    },
    {
      title: 'Try it',
      text: 'Call an action with the account, and take the code along.',
      to: paths.tryIt,
      label: 'Try it',
      done: called,
    },
  ];
  const next = steps.findIndex(({ done }) => !done);
  return (
    <section className={classes.first} aria-labelledby="first-steps">
      <Title order={2} id="first-steps">
        Three steps to the first call
      </Title>
      <ol className={classes.steps}>
        {steps.map(({ title, text, to, label, done }, index) => (
          <li key={title} className={classes.step}>
            <span className={classes.mark} data-done={done} aria-hidden="true">
              {done ? <IconCheck size={16} stroke={2} /> : index + 1}
            </span>
            <div>
              <Text fw={500}>
                {title}
                {done && <span className="visually-hidden"> (done)</span>}
              </Text>
              <Text c="dimmed">{text}</Text>
            </div>
            {!done && (
              <Button component={Link} to={to} variant={index === next ? 'filled' : 'default'}>
                {label}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
