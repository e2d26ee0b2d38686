import { Stack, Text, Title } from '@mantine/core';
import { useId } from 'react';
import type { FullGuideView, GuideView } from '../../api/catalogue.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { ActionBadges } from './action-badges.tsx';
import classes from './guide.module.css';
import { InlineMarkdown, Markdown } from './markdown.tsx';

type SectionView = GuideView['sections'][number];
type StepView = SectionView['steps'][number];
type ScopeList = FullGuideView['scopes'];

/** The guide as it is for the selected actions. */
export function GuideArticle({ view, scopes }: { view: GuideView; scopes: ScopeList }) {
  return (
    <Stack gap="md" component="article" className={classes.article} aria-label={view.title}>
      {view.warning !== null && (
        <div className={classes.warning} role="note">
          <strong>Before you begin</strong>
          <Markdown text={view.warning} />
        </div>
      )}
      {view.sections.map((section) => (
        <GuideSection key={section.title} section={section} scopes={scopes} />
      ))}
    </Stack>
  );
}

function GuideSection({ section, scopes }: { section: SectionView; scopes: ScopeList }) {
  const id = useId();
  const { title, text, required_for, steps } = section;
  return (
    <section className={classes.section} aria-labelledby={id}>
      <Title order={2} id={id}>
        {title}
      </Title>
      {required_for && <ActionBadges title="Required for" labels={required_for} />}
      {text !== null && <Markdown text={text} />}
      {steps.length > 0 && (
        <ol className={classes.steps}>
          {steps.map((step) => (
            <li key={step.title}>
              <GuideStep step={step} scopes={scopes} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function GuideStep({ step, scopes }: { step: StepView; scopes: ScopeList }) {
  return (
    <div className={classes.step}>
      <Title order={3}>{step.title}</Title>
      {step.required_for && <ActionBadges title="Required for" labels={step.required_for} />}
      {step.scopes && <ActionBadges title="Enables actions" labels={step.scopes.enables} />}
      {step.text !== null && <Markdown text={step.text} />}
      {step.items.length > 0 && (
        <ul className={classes.items}>
          {step.items.map((item) => (
            <li key={item}>
              <InlineMarkdown text={item} />
            </li>
          ))}
        </ul>
      )}
      {step.scopes && (
        <ul className={classes.scopes} aria-label="Scopes">
          {step.scopes.names.map((name) => (
            <li key={name}>
              <code>{name}</code>
              <Text span size="sm" c="dimmed" className={classes.scopeWhat}>
                {scopes.find((scope) => scope.name === name)?.description}
              </Text>
              <CopyButton value={name} label={`Copy the scope ${name}`} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
