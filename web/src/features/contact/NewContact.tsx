import { Button, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { saveContactMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { attributes } from '@/ui/attributes';
import { useWords } from '@/words/words';
import { ProfileInputs, profileOf, refuse } from './ProfileInputs';

/** Adds one contact by hand, and shows it. */
export function NewContact() {
  const words = useWords();
  const [opened, setOpened] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useForm({ initialValues: profileOf({}) });
  const known = form.values.phone.trim() || form.values.email.trim() || form.values.externalCustomerId.trim();
  const save = useMutation({
    ...saveContactMutation(),
    onSuccess: async (c) => {
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listContacts', 'getContact') });
      await navigate({ to: '/contacts/$id', params: { id: String(c.id) } });
    },
    onError: (error) => refuse(form, error),
  });
  return (
    <>
      <Button variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setOpened(true)}>
        {words.contacts.new}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={words.contacts.new} closeButtonProps={{ 'aria-label': words.common.close }} size="lg">
        <form onSubmit={form.onSubmit((v) => save.mutate({ body: Object.fromEntries(attributes.filter((name) => v[name].trim()).map((name) => [name, v[name].trim()])) }))}>
          <Stack>
            <Text size="sm">{words.contacts.newLead}</Text>
            <ProfileInputs form={form} readOnly={false} />
            {!known && (
              <Text size="sm" c="dimmed">
                {words.contacts.identitiesHint}
              </Text>
            )}
            <Button type="submit" loading={save.isPending} disabled={!known}>
              {words.common.save}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
