import { Anchor, Drawer, List, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type AuditRecord, auditRecordOptions } from '../../api/audit.ts';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { ROLE_NAMES } from '../api-keys/key-facts.ts';
import { actionWords, actorName, CHANNELS, targetPath } from './audit-words.ts';

interface AuditDrawerProps {
  /** Place of the record; null: closed. */
  seq: string | null;
  /** Where it was loaded already, with others. */
  loaded: AuditRecord | undefined;
  onClose: () => void;
}

/** One record of the trail, with its place in the chain. */
export function AuditDrawer({ seq, loaded, onClose }: AuditDrawerProps) {
  const api = useApi();
  const fetched = useQuery({ ...auditRecordOptions(api, seq ?? ''), enabled: seq !== null && loaded === undefined });
  const query = loaded ? { ...fetched, data: loaded } : fetched;
  return (
    <Drawer
      opened={seq !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={query.data ? actionWords(query.data.action) : 'Audit record'}
    >
      <QueryView query={query}>{(record) => <Details record={record} />}</QueryView>
    </Drawer>
  );
}

function Details({ record }: { record: AuditRecord }) {
  const { seq, at, actor, action, target, changes, details, outcome, code, address, request_id, hash, previous_hash } =
    record;
  const to = targetPath(target);
  const named = target?.name ?? target?.id;
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          ['Outcome', <StatusBadge key="outcome" status={outcome} />],
          ['Problem', code === null ? undefined : <code key="code">{code}</code>],
          ['When', new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })],
          ['Action', <code key="action">{action}</code>],
          ['Who', actorName(actor)],
          ['Key', actor.key === null ? undefined : <IdText key="key" id={actor.key} what="key id" />],
          ['Role', actor.role === null ? undefined : ROLE_NAMES[actor.role]],
          ['By way of', CHANNELS[actor.via]],
          ['Address', address ?? undefined],
          [
            'On',
            named === undefined || named === null ? undefined : to === undefined ? (
              named
            ) : (
              <Anchor key="target" component={Link} to={to}>
                {named}
              </Anchor>
            ),
          ],
          ["Target's id", target?.id == null ? undefined : <IdText key="id" id={target.id} what="target's id" />],
          ['Given fields', changes.length === 0 ? undefined : <Codes key="changes" texts={changes} />],
          ...Object.entries(details).map(([name, value]) => [name, <code key={name}>{value}</code>] as const),
          ['Request', request_id === null ? undefined : <IdText key="request" id={request_id} what="request id" />],
        ]}
      />
      <Facts
        facts={[
          ['Place in the chain', seq],
          ['Hash', <IdText key="hash" id={hash} what="hash" />],
          ['Hash before', <IdText key="previous" id={previous_hash} what="hash before" />],
        ]}
      />
    </Stack>
  );
}

function Codes({ texts }: { texts: readonly string[] }) {
  return (
    <List listStyleType="none">
      {texts.map((text) => (
        <List.Item key={text}>
          <code>{text}</code>
        </List.Item>
      ))}
    </List>
  );
}
