import { Anchor, Button, Group, Menu, Skeleton, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { Contact } from '@/api/generated';
import {
  attachContactsMutation, deleteContactMutation, getContactOptions, listBotsOptions, listFieldsOptions, listGroupsOptions, updateContactMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tell, tellFault } from '@/ui/notice';
import { called } from '@/ui/PersonPicker';
import { PageHeader } from '@/ui/PageHeader';
import { useSaid } from '@/ui/said';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { History } from './History';

/** One contact: who it is, where it can be reached, what is known of it. */
export function ContactPage() {
  const { id } = useParams({ from: '/contacts/$id' });
  const contact = useQuery(getContactOptions({ path: { id: Number(id) } }));
  if (contact.error && !contact.data) return <Fault page error={contact.error} retry={() => void contact.refetch()} />;
  if (!contact.data) return <Skeleton height={320} />;
  return <Card key={contact.data.updatedAt} contact={contact.data} />;
}

function Card({ contact: c }: { contact: Contact }) {
  const words = useWords();
  return (
    <>
      <PageHeader title={called(c, words)}>
        <Actions contact={c} />
      </PageHeader>
      <Stack gap="xl" maw={720}>
        <Chats contact={c} />
        <Identity contact={c} />
        <Groups contact={c} />
        <Fields contact={c} />
        <History contactId={c.id} />
      </Stack>
    </>
  );
}

function Chats({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const f = useFormat();
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.chats}
      </Title>
      {c.chats.length === 0 && <Text c="dimmed">{words.contacts.noChat}</Text>}
      {c.chats.map((chat) => (
        <Group key={`${chat.botId}/${chat.chatId}`} gap="sm" py={4}>
          <Anchor component={Link} to="/bots" size="sm">
            {bots.data?.items.find((b) => b.id === chat.botId)?.name ?? chat.botId}
          </Anchor>
          {!chat.active ? (
            <Status of="skipped">{words.contacts.left}</Status>
          ) : chat.mutedUntil ? (
            <Status of="paused">{words.contacts.muted(f.time(chat.mutedUntil))}</Status>
          ) : (
            <Status of="active">{words.contacts.active}</Status>
          )}
          <Text size="xs" c="dimmed">
            {chat.chatId}
          </Text>
        </Group>
      ))}
    </section>
  );
}

const texts = ['firstName', 'lastName', 'phone', 'email', 'externalCustomerId', 'languageCode', 'timeZone'] as const;

function Identity({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const said = useSaid();
  const may = useMay('edit_contacts');
  const queries = useQueryClient();
  const labels: Record<(typeof texts)[number], string> = {
    firstName: words.contacts.firstName, lastName: words.contacts.lastName, phone: words.contacts.phone, email: words.contacts.email,
    externalCustomerId: words.contacts.external, languageCode: words.contacts.language, timeZone: words.contacts.zone,
  };
  const form = useForm({ initialValues: Object.fromEntries(texts.map((t) => [t, c[t] ?? ''])) as Record<(typeof texts)[number], string> });
  const save = useMutation({
    ...updateContactMutation(),
    onSuccess: async () => {
      tell(words.contacts.saved);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts') });
    },
    onError: (error) => {
      const { field } = refusalOf(error);
      if (field in form.values) form.setFieldError(field, said(error));
      else tellFault(error);
    },
  });
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.identities}
      </Title>
      <form onSubmit={form.onSubmit((v) => save.mutate({ path: { id: c.id }, body: Object.fromEntries(texts.filter((t) => v[t] !== (c[t] ?? '')).map((t) => [t, v[t]])) }))}>
        <Stack gap="sm">
          {texts.map((t) => (
            <TextInput key={t} label={labels[t]} readOnly={!may} {...form.getInputProps(t)} />
          ))}
          {may && form.isDirty() && (
            <Group>
              <Button type="submit" loading={save.isPending}>
                {words.common.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </section>
  );
}

function Groups({ contact: c }: { contact: Contact }) {
  const words = useWords();
  if (c.groups.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.groups}
      </Title>
      <Group gap="sm">
        {c.groups.map((g) => (
          <Anchor key={g.id} component={Link} to={`/audiences/${g.id}`} size="sm">
            {g.name}
          </Anchor>
        ))}
      </Group>
    </section>
  );
}

function Fields({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const fields = useQuery(listFieldsOptions());
  if (c.fields.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.fields}
      </Title>
      <Table>
        <Table.Tbody>
          {c.fields.map((v) => (
            <Table.Tr key={v.id}>
              <Table.Th scope="row">{fields.data?.items.find((d) => d.id === v.id)?.name ?? v.id}</Table.Th>
              <Table.Td>{v.value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Actions({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const groups = useQuery(listGroupsOptions({ query: { limit: 100 } }));
  const attach = useMutation({ ...attachContactsMutation(), onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listGroups', 'listMembers') }), onError: tellFault });
  const remove = useMutation({
    ...deleteContactMutation(),
    onSuccess: async () => {
      tell(words.contacts.deleted);
      await navigate({ to: '/contacts' });
    },
    onError: tellFault,
  });
  if (!may) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" px="xs" aria-label={words.common.actions}>
          <IconDots size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(groups.data?.items.length ?? 0) > 0 && <Menu.Label>{words.audiences.add}</Menu.Label>}
        {groups.data?.items.map((g) => (
          <Menu.Item key={g.id} onClick={() => attach.mutate({ path: { id: g.id }, body: { contactIds: [c.id] } }, { onSuccess: () => tell(words.audiences.added(g.name)) })}>
            {g.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => remove.mutate({ path: { id: c.id } })}>
          {words.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
