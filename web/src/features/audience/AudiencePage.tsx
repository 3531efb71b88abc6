import { ActionIcon, Anchor, Button, Group as Row, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { IconDots, IconSend, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { type Group, listMembers, type Member } from '@/api/generated';
import { deleteGroupMutation, detachContactsMutation, getGroupOptions, listGroupUsesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { Fault } from '@/ui/Fault';
import { type Column, Listing } from '@/ui/Listing';
import { tell, tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { called } from '@/ui/PersonPicker';
import { usePages } from '@/ui/pages';
import { SearchBox } from '@/ui/SearchBox';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

/** One group and who is in it. */
export function AudiencePage() {
  const { id } = useParams({ from: '/audiences/$id' });
  const group = useQuery(getGroupOptions({ path: { id: Number(id) } }));
  if (group.error && !group.data) return <Fault page error={group.error} retry={() => void group.refetch()} />;
  if (!group.data) return <Skeleton height={200} />;
  return <Members group={group.data} />;
}

function Members({ group }: { group: Group }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const mayWrite = useMay('write');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [search, setSearch] = useState('');
  const uses = useQuery(listGroupUsesOptions({ path: { id: group.id } }));
  const pages = usePages(['listMembers', group.id, search], async (cursor, signal) => (await listMembers({ path: { id: group.id }, query: { cursor, limit: 100, search: search || undefined }, signal, throwOnError: true })).data);
  const detach = useMutation({
    ...detachContactsMutation(),
    onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listMembers', 'getGroup', 'listGroups') }),
    onError: tellFault,
  });
  const remove = useMutation({
    ...deleteGroupMutation(),
    onSuccess: async () => {
      tell(words.audiences.deleted);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listGroups') });
      await navigate({ to: '/audiences' });
    },
    onError: tellFault,
  });
  const columns: Column<Member>[] = [
    {
      key: 'who',
      title: words.campaigns.person,
      cell: (m) => (
        <Anchor component={Link} to={`/contacts/${m.contactId}`} size="sm">
          {called(m.contact, words)}
        </Anchor>
      ),
    },
    {
      key: 'remove',
      title: '',
      right: true,
      cell: (m) =>
        may && (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words.audiences.remove} onClick={() => detach.mutate({ path: { id: group.id }, body: { contactIds: [m.contactId] } })}>
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        ),
    },
  ];
  return (
    <>
      <PageHeader title={group.name} state={<Text c="dimmed">{words.numbers.contacts(group.members)}</Text>}>
        {mayWrite && (
          <Button component={Link} to={`/campaigns/new?groupId=${group.id}`} leftSection={<IconSend size={16} aria-hidden />}>
            {words.campaigns.new}
          </Button>
        )}
        {may && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" px="xs" aria-label={words.common.actions}>
                <IconDots size={16} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{words.audiences.deleteSure}</Menu.Label>
              <Menu.Item color="red" onClick={() => remove.mutate({ path: { id: group.id } })}>
                {words.common.delete}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </PageHeader>
      <Stack>
        {(uses.data?.items.length ?? 0) > 0 && (
          <Row gap="xs">
            <Text size="sm" c="dimmed">
              {words.audiences.usedBy}
            </Text>
            {uses.data?.items.slice(0, 5).map((u) => (
              <Anchor key={u.campaignId} component={Link} to={`/campaigns/${u.campaignId}`} size="sm">
                {u.name}
              </Anchor>
            ))}
          </Row>
        )}
        <SearchBox label={words.contacts.searchHint} value={search} onSearch={setSearch} />
        <Listing
          label={words.audiences.members}
          columns={columns}
          {...pages}
          id={(m) => m.contactId}
          empty={
            <Row>
              <Text c="dimmed">{words.audiences.noMembers}</Text>
            </Row>
          }
        />
      </Stack>
    </>
  );
}
