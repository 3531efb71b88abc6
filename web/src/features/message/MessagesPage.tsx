import { Anchor, Button, Stack } from '@mantine/core';
import { IconMessage, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { listMessages, type Message } from '@/api/generated';
import { pieces, plain } from '@/lib/telegramHtml';
import { EmptyState } from '@/ui/EmptyState';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { PageHeader } from '@/ui/PageHeader';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

export function MessagesPage() {
  const words = useWords();
  const f = useFormat();
  const may = useMay('write');
  const { search } = useSearch({ from: '/messages' });
  const navigate = useNavigate({ from: '/messages' });
  const pages = usePages(['listMessages', search], async (cursor, signal) => (await listMessages({ query: { cursor, limit: 100 }, signal, throwOnError: true })).data);
  const columns: Column<Message>[] = [
    {
      key: 'name',
      title: words.common.name,
      cell: (m) => (
        <Anchor component={Link} to={`/messages/${m.id}`} size="sm">
          {m.name}
        </Anchor>
      ),
    },
    { key: 'text', title: words.messages.text, wide: true, cell: (m) => plain(pieces(m.text ?? '')).slice(0, 80) },
    { key: 'changed', title: words.common.changed, right: true, cell: (m) => f.time(m.updatedAt) },
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
        <SearchBox label={words.common.search} value={search ?? ''} onSearch={(text) => void navigate({ search: { search: text || undefined }, replace: true })} />
        <Listing
          label={words.messages.title}
          columns={columns}
          {...pages}
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
