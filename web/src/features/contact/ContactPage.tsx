import { Button, Group, Skeleton, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Contact } from '@/api/generated';
import { getContactOptions, updateContactMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { Fault } from '@/ui/Fault';
import { tell } from '@/ui/notice';
import { called } from '@/ui/PersonPicker';
import { PageHeader } from '@/ui/PageHeader';
import { useMay } from '@/ui/session';
import { attributes } from '@/ui/attributes';
import { useWords } from '@/words/words';
import { Chats } from './Chats';
import { ContactActions } from './ContactActions';
import { ContactFields } from './ContactFields';
import { ContactGroups } from './ContactGroups';
import { History } from './History';
import { ProfileInputs, profileOf, refuse } from './ProfileInputs';

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
        <ContactActions contact={c} />
      </PageHeader>
      <Stack gap="xl" maw={720}>
        <Chats contact={c} />
        <Identity contact={c} />
        <ContactGroups contact={c} />
        <ContactFields contact={c} />
        <History contactId={c.id} />
      </Stack>
    </>
  );
}

function Identity({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const queries = useQueryClient();
  const before = profileOf(c);
  const form = useForm({ initialValues: before });
  const save = useMutation({
    ...updateContactMutation(),
    onSuccess: async () => {
      tell(words.contacts.saved);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts') });
    },
    onError: (error) => refuse(form, error),
  });
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.identities}
      </Title>
      <form onSubmit={form.onSubmit((v) => save.mutate({ path: { id: c.id }, body: Object.fromEntries(attributes.filter((name) => v[name] !== before[name]).map((name) => [name, v[name]])) }))}>
        <Stack gap="sm">
          <ProfileInputs form={form} readOnly={!may} />
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
