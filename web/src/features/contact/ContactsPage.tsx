import { Anchor, Button, Group, Stack } from '@mantine/core';
import { IconAddressBook, IconUpload } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type Contact, listContacts, type ListContactsData } from '@/api/generated';
import { EmptyState } from '@/ui/EmptyState';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { PageHeader } from '@/ui/PageHeader';
import { called } from '@/ui/PersonPicker';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { Bulk } from './Bulk';
import { isFiltered, matchingOf, queryOf } from './filter';
import { Filters } from './Filters';
import { NewContact } from './NewContact';

type Query = NonNullable<ListContactsData['query']>;
type Sort = Query['sort'];

export function ContactsPage() {
  const words = useWords();
  const may = useMay('edit_contacts');
  const f = useFormat();
  const { sort, ...filter } = useSearch({ from: '/contacts' });
  const asked = queryOf(filter, f.zone);
  const filtered = Boolean(filter.search) || isFiltered(filter);
  const navigate = useNavigate({ from: '/contacts' });
  const pages = usePages(['listContacts', asked, sort], async (cursor, signal) => (await listContacts({ query: { ...asked, cursor, limit: 100, total: !cursor, sort: (sort ?? '-createdAt') as Sort }, signal, throwOnError: true })).data);
  const [chosen, setChosen] = useState<ReadonlySet<React.Key>>(new Set());
  const columns: Column<Contact>[] = [
    {
      key: 'name',
      title: words.contacts.name,
      cell: (c) => (
        <Anchor component={Link} to={`/contacts/${c.id}`} size="sm">
          {called(c, words)}
        </Anchor>
      ),
    },
    { key: 'phone', title: words.contacts.phone, wide: true, cell: (c) => c.phone },
    { key: 'email', title: words.contacts.email, wide: true, cell: (c) => c.email },
    { key: 'external', title: words.contacts.external, wide: true, cell: (c) => c.externalCustomerId },
    { key: 'groups', title: words.campaigns.groups, wide: true, cell: (c) => c.groups.slice(0, 3).map((g) => g.name).join(', ') },
    { key: 'created', title: words.common.created, wide: true, sort: 'createdAt', cell: (c) => f.day(c.createdAt) },
    { key: 'chats', title: words.contacts.chats, right: true, cell: (c) => c.chats.filter((chat) => chat.active).length },
  ];
  const add = may && (
    <Group gap="sm">
      <NewContact />
      <Button component={Link} to="/contacts/import" leftSection={<IconUpload size={16} aria-hidden />}>
        {words.contacts.import}
      </Button>
    </Group>
  );
  return (
    <>
      <PageHeader title={words.contacts.title}>
        <Anchor component={Link} to="/contacts/fields" size="sm">
          {words.contacts.fields}
        </Anchor>
        {add}
      </PageHeader>
      <Stack>
        <Group>
          <SearchBox label={words.contacts.searchHint} value={filter.search ?? ''} onSearch={(text) => void navigate({ search: (s) => ({ ...s, search: text || undefined }), replace: true })} />
          <Filters />
        </Group>
        <Listing
          label={words.contacts.title}
          columns={columns}
          {...pages}
          sort={sort ?? '-createdAt'}
          chosen={may ? chosen : undefined}
          onChoose={setChosen}
          onSort={(s) => void navigate({ search: (before) => ({ ...before, sort: s }), replace: true })}
          id={(c) => c.id}
          empty={
            <EmptyState icon={<IconAddressBook size={32} stroke={1.2} aria-hidden />} action={!filtered && add}>
              {filtered ? words.common.nothingFound : words.contacts.empty}
            </EmptyState>
          }
        />
      </Stack>
      {chosen.size > 0 && (
        <Bulk
          ids={[...chosen].map(Number)}
          whole={chosen.size === pages.items?.length && pages.more ? matchingOf(filter, f.zone) : undefined}
          total={pages.total?.count}
          done={() => setChosen(new Set())}
        />
      )}
    </>
  );
}
