import { Anchor, Button, Stack } from '@mantine/core';
import { IconMessage, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { listMessages, type ListMessagesData, type Message } from '@/api/generated';
import { pieces, plain } from '@/lib/telegramHtml';
import { EmptyState } from '@/ui/EmptyState';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { PageHeader } from '@/ui/PageHeader';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

type Sort = NonNullable<ListMessagesData['query']>['sort'];

export function MessagesPage() {
  const words = useWords();
  const f = useFormat();
  const may = useMay('write');
  const { search, sort } = useSearch({ from: '/messages' });
  const navigate = useNavigate({ from: '/messages' });
  const pages = usePages(['listMessages', search, sort], async (cursor, signal) => (await listMessages({ query: { cursor, limit: 100, total: !cursor, search, sort: (sort ?? '-updatedAt') as Sort }, signal, throwOnError: true })).data);
  const columns: Column<Message>[] = [
    {
      key: 'name',
      title: words.common.name,
      sort: 'name',
      cell: (m) => (
        <Anchor component={Link} to={`/messages/${m.id}`} size="sm">
          {m.name}
        </Anchor>
      ),
    },
    { key: 'text', title: words.messages.text, wide: true, cell: (m) => plain(pieces(m.text ?? '')).slice(0, 80) },
    { key: 'state', title: words.common.status, cell: (m) => <Status of={m.sendable ? 'active' : 'draft'}>{m.sendable ? words.messages.ready : words.campaigns.states.draft}</Status> },
    { key: 'changed', title: words.common.changed, right: true, sort: 'updatedAt', cell: (m) => f.time(m.updatedAt) },
  ];
  const create = may && (
    <Button component={Link} to="/messages/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {words.messages.new}
    </Button>
  );
  return (
    <>
      <PageHeader title={words.messages.title}>{create}</PageHeader>
      <Stack>
        <SearchBox label={words.common.search} value={search ?? ''} onSearch={(text) => void navigate({ search: (s) => ({ ...s, search: text || undefined }), replace: true })} />
        <Listing
          label={words.messages.title}
          columns={columns}
          {...pages}
          sort={sort ?? '-updatedAt'}
          onSort={(s) => void navigate({ search: (before) => ({ ...before, sort: s }), replace: true })}
          id={(m) => m.id}
          empty={
            <EmptyState icon={<IconMessage size={32} stroke={1.2} aria-hidden />} action={!search && create}>
              {search ? words.common.nothingFound : words.messages.empty}
            </EmptyState>
          }
        />
      </Stack>
    </>
  );
}
