import { Anchor, Button, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Group, listGroups, type ListGroupsData } from '@/api/generated';
import { createGroupMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { EmptyState } from '@/ui/EmptyState';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { tell } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { usePages } from '@/ui/pages';
import { useSaid } from '@/ui/said';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

type Sort = NonNullable<ListGroupsData['query']>['sort'];

export function AudiencesPage() {
  const words = useWords();
  const f = useFormat();
  const may = useMay('edit_contacts');
  const { search, sort } = useSearch({ from: '/audiences' });
  const navigate = useNavigate({ from: '/audiences' });
  const [open, { open: show, close }] = useDisclosure(false);
  const pages = usePages(['listGroups', search, sort], async (cursor, signal) => (await listGroups({ query: { search, cursor, limit: 100, total: !cursor, sort: (sort ?? 'name') as Sort }, signal, throwOnError: true })).data);
  const columns: Column<Group>[] = [
    {
      key: 'name',
      title: words.common.name,
      sort: 'name',
      cell: (g) => (
        <Anchor component={Link} to={`/audiences/${g.id}`} size="sm">
          {g.name}
        </Anchor>
      ),
    },
    { key: 'members', title: words.audiences.members, right: true, sort: 'members', cell: (g) => f.number(g.members) },
    { key: 'created', title: words.common.created, right: true, wide: true, sort: 'createdAt', cell: (g) => f.time(g.createdAt) },
  ];
  const create = may && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={show}>
      {words.audiences.new}
    </Button>
  );
  return (
    <>
      <PageHeader title={words.audiences.title}>{create}</PageHeader>
      <Stack>
        <SearchBox label={words.common.search} value={search ?? ''} onSearch={(text) => void navigate({ search: (s) => ({ ...s, search: text || undefined }), replace: true })} />
        <Listing
          label={words.audiences.title}
          columns={columns}
          {...pages}
          sort={sort ?? 'name'}
          onSort={(s) => void navigate({ search: (before) => ({ ...before, sort: s }), replace: true })}
          id={(g) => g.id}
          empty={
            <EmptyState icon={<IconUsersGroup size={32} stroke={1.2} aria-hidden />} action={!search && create}>
              {search ? words.common.nothingFound : words.audiences.empty}
            </EmptyState>
          }
        />
      </Stack>
      <Modal opened={open} onClose={close} title={words.audiences.new} closeButtonProps={{ 'aria-label': words.common.close }}>
        <CreateGroup done={close} />
      </Modal>
    </>
  );
}

function CreateGroup({ done }: { done: () => void }) {
  const words = useWords();
  const said = useSaid();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: '' } });
  const create = useMutation({
    ...createGroupMutation(),
    onSuccess: async () => {
      done();
      tell(words.audiences.created);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listGroups') });
    },
    onError: (error) => form.setFieldError('name', said(error)),
  });
  return (
    <form onSubmit={form.onSubmit((body) => create.mutate({ body }))}>
      <Stack>
        <TextInput label={words.audiences.name} maxLength={200} required data-autofocus {...form.getInputProps('name')} />
        <Button type="submit" loading={create.isPending}>
          {words.common.save}
        </Button>
      </Stack>
    </form>
  );
}
