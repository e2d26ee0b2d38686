import { Anchor, Button, Stack, Text, Title } from '@mantine/core';
import IconDownload from '@tabler/icons-react/dist/esm/icons/IconDownload.mjs';
import { useId } from 'react';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import type { FullGuideView, GuideView } from '../../api/catalogue.ts';
import { path } from '../../api/client.ts';
import { CopyField } from '../../components/copy-field.tsx';
import { paths } from '../../paths.ts';
import { newProfilePath } from '../connector-profiles/profile-link.ts';
import { ActionPicker } from './action-picker.tsx';
import classes from './guide.module.css';
import { SelectedScopes } from './selected-scopes.tsx';
import { type Selection, selectionQuery, unknownText } from './selection.ts';

interface GuidePanelProps {
  full: FullGuideView;
  view: GuideView;
  selection: Selection;
  onSelect: (ids: readonly string[]) => void;
}

/** Where the guide is adjusted, and what comes of it. */
export function GuidePanel({ full, view, selection, onSelect }: GuidePanelProps) {
  const api = useApi();
  const titleId = useId();
  const { connector, authentication, actions } = full;
  const query = selectionQuery(full, selection.ids);
  const markdown = `${path`/connectors/${connector}/guides/${authentication}`}${query}${query === '' ? '?' : '&'}format=md`;
  return (
    <aside aria-labelledby={titleId} className={classes.panel}>
      <Stack gap="md">
        <div>
          <Title order={2} id={titleId}>
            Select actions to adjust the guide
          </Title>
          <Text size="sm" c="dimmed" mt={2}>
            Some actions need more set-up at the provider. Choose those that you need.
          </Text>
        </div>
        <div>
          {selection.unknown.length > 0 && (
            <Text size="sm" c="red" mb={8} role="alert">
              Not in this guide: {unknownText(selection.unknown)}. {full.connector_label} has no such{' '}
              {selection.unknown.length === 1 ? 'action' : 'actions'}, or not with this type.
            </Text>
          )}
          <ActionPicker
            actions={actions}
            selected={selection.ids}
            onChange={onSelect}
            maxHeight="clamp(13rem, calc(100dvh - 36.5rem), 40rem)"
          />
        </div>
        <SelectedScopes selection={view.selection} />
        <div className={classes.url}>
          <CopyField
            label="Dynamic guide URL"
            value={api.url(`${paths.publicGuide(connector, authentication)}${query}`)}
          />
        </div>
        <Button component={Link} to={newProfilePath(full, view.selection)} fullWidth>
          Create profile with this selection
        </Button>
        <Anchor
          href={api.url(markdown)}
          download={`${connector}-${authentication}.md`}
          size="sm"
          className={classes.download}
        >
          <IconDownload size={16} stroke={1.6} aria-hidden className={classes.icon} />
          Download as Markdown
        </Anchor>
      </Stack>
    </aside>
  );
}
