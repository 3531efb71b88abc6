import { ActionIcon, Anchor, Group, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Contact } from '@/api/generated';
import { detachContactsMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { tellFault } from '@/ui/notice';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

/** The groups that a contact is in, and a way out of each. */
export function ContactGroups({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const queries = useQueryClient();
  const leave = useMutation({ ...detachContactsMutation(), onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts', 'listGroups', 'listMembers', 'getGroup') }), onError: tellFault });
  if (c.groups.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.groups}
      </Title>
      <Group gap="sm">
        {c.groups.map((g) => (
          <Group key={g.id} gap={2} wrap="nowrap">
            <Anchor component={Link} to={`/audiences/${g.id}`} size="sm">
              {g.name}
            </Anchor>
            {may && (
              <ActionIcon size="xs" variant="subtle" color="gray" aria-label={words.contacts.leaveGroup(g.name)} onClick={() => leave.mutate({ path: { id: g.id }, body: { contactIds: [c.id] } })}>
                <IconX size={12} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
      </Group>
    </section>
  );
}
