import { Anchor, Button, Stack } from '@mantine/core';
import { IconAddressBook, IconUpload } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Contact, listContacts } from '@/api/generated';
import { EmptyState } from '@/ui/EmptyState';
import { type Column, Listing } from '@/ui/Listing';
import { PageHeader } from '@/ui/PageHeader';
import { called } from '@/ui/PersonPicker';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

export function ContactsPage() {
  const words = useWords();
  const may = useMay('edit_contacts');
  const { search } = useSearch({ from: '/contacts' });
  const navigate = useNavigate({ from: '/contacts' });
  const pages = usePages(['listContacts', search], async (cursor, signal) => (await listContacts({ query: { search, cursor, limit: 100 }, signal, throwOnError: true })).data);
  const columns: Column<Contact>[] = [
    {
      key: 'name',
      title: words.common.name,
      cell: (c) => (
        <Anchor component={Link} to={`/contacts/${c.id}`} size="sm">
          {called(c, words)}
        </Anchor>
      ),
    },
    { key: 'phone', title: words.contacts.phone, wide: true, cell: (c) => c.phone },
    { key: 'email', title: words.contacts.email, wide: true, cell: (c) => c.email },
    { key: 'external', title: words.contacts.external, wide: true, cell: (c) => c.externalCustomerId },
    { key: 'chats', title: words.contacts.chats, right: true, cell: (c) => c.chats.filter((chat) => chat.active).length },
  ];
  const add = may && (
    <Button component={Link} to="/contacts/import" leftSection={<IconUpload size={16} aria-hidden />}>
      {words.contacts.import}
    </Button>
  );
  return (
    <>
      <PageHeader title={words.contacts.title}>{add}</PageHeader>
      <Stack>
        <SearchBox label={words.contacts.searchHint} value={search ?? ''} onSearch={(text) => void navigate({ search: { search: text || undefined }, replace: true })} />
        <Listing
          label={words.contacts.title}
          columns={columns}
          {...pages}
          id={(c) => c.id}
          empty={
            <EmptyState icon={<IconAddressBook size={32} stroke={1.2} aria-hidden />} action={!search && add}>
              {search ? words.common.nothingFound : words.contacts.empty}
            </EmptyState>
          }
        />
      </Stack>
    </>
  );
}
