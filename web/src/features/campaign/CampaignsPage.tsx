import { Anchor, Button, Chip, Group, Stack } from '@mantine/core';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Campaign, listCampaigns, type ListCampaignsData } from '@/api/generated';
import { EmptyState } from '@/ui/EmptyState';
import { nameIn, statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { PageHeader } from '@/ui/PageHeader';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

type Sort = NonNullable<ListCampaignsData['query']>['sort'];

const states = ['draft', 'scheduled', 'sending', 'paused', 'finished', 'cancelled'] as const;

export function CampaignsPage() {
  const words = useWords();
  const f = useFormat();
  const may = useMay('write');
  const search = useSearch({ from: '/campaigns' });
  const navigate = useNavigate({ from: '/campaigns' });
  const sort = search.sort ?? '-createdAt';
  const pages = usePages(
    ['listCampaigns', search],
    async (cursor, signal) => (await listCampaigns({ query: { cursor, limit: 100, total: !cursor, kind: 'broadcast', search: search.search, state: search.state as Campaign['state'][] | undefined, sort: sort as Sort }, signal, throwOnError: true })).data,
  );
  const columns: Column<Campaign>[] = [
    {
      key: 'name',
      title: words.common.name,
      sort: 'name',
      cell: (c) => (
        <Anchor component={Link} to={`/campaigns/${c.id}`} size="sm">
          {nameIn(words, c)}
        </Anchor>
      ),
    },
    { key: 'state', title: words.common.status, cell: (c) => <Status of={c.state}>{words.campaigns.states[c.state]}</Status> },
    { key: 'recipients', title: words.campaigns.recipients, right: true, wide: true, cell: (c) => f.number(c.counts.recipients) },
    { key: 'sent', title: words.campaigns.statuses.sent, right: true, cell: (c) => (c.action === 'send' ? f.number(c.counts.sent) : `${f.number(c.counts.sent)} ${statusIn(words, c.action, 'sent').toLowerCase()}`) },
    { key: 'clicked', title: words.home.clicked, right: true, wide: true, cell: (c) => f.number(c.counts.clicked) },
    { key: 'when', title: words.campaigns.when, right: true, wide: true, sort: 'launchedAt', cell: (c) => f.time(c.scheduledAt ?? c.launchedAt ?? c.createdAt) },
  ];
  const create = may && (
    <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {words.campaigns.new}
    </Button>
  );
  const filtered = Boolean(search.search) || (search.state?.length ?? 0) > 0;
  return (
    <>
      <PageHeader title={words.campaigns.title}>{create}</PageHeader>
      <Stack>
        <Group>
          <SearchBox label={words.common.search} value={search.search ?? ''} onSearch={(text) => void navigate({ search: (s) => ({ ...s, search: text || undefined }), replace: true })} />
          <Chip.Group multiple value={search.state ?? []} onChange={(state) => void navigate({ search: (s) => ({ ...s, state: state.length > 0 ? state : undefined }), replace: true })}>
            {states.map((s) => (
              <Chip key={s} value={s} size="xs">
                {words.campaigns.states[s]}
              </Chip>
            ))}
          </Chip.Group>
        </Group>
        <Listing
          label={words.campaigns.title}
          columns={columns}
          {...pages}
          sort={sort}
          onSort={(s) => void navigate({ search: (before) => ({ ...before, sort: s }), replace: true })}
          id={(c) => c.id}
          empty={
            <EmptyState icon={<IconSend size={32} stroke={1.2} aria-hidden />} action={!filtered && create}>
              {filtered ? words.common.nothingFound : words.campaigns.empty}
            </EmptyState>
          }
        />
      </Stack>
    </>
  );
}
