import { Button, Menu } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Contact, eraseContact, exportContact } from '@/api/generated';
import { attachContactsMutation, deleteContactMutation, listGroupsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { tell, tellFault } from '@/ui/notice';
import { save } from '@/ui/save';
import { useMay } from '@/ui/session';
import { useConfirmed } from '@/ui/useConfirmed';
import { useWords } from '@/words/words';

/** What can be done with a contact as a whole. */
export function ContactActions({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const mayErase = useMay('erase');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { attempt, dialog } = useConfirmed();
  const groups = useQuery({ ...listGroupsOptions({ query: { limit: 100, sort: 'name' } }), enabled: may });
  const stale = () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts', 'listGroups', 'listMembers') });
  const attach = useMutation({ ...attachContactsMutation(), onSuccess: stale, onError: tellFault });
  const remove = useMutation({
    ...deleteContactMutation(),
    onSuccess: async () => {
      tell(words.contacts.deleted);
      await navigate({ to: '/contacts' });
    },
    onError: tellFault,
  });
  const take = async () => save(`contact-${c.id}.json`, 'application/json', JSON.stringify((await exportContact({ path: { id: c.id }, throwOnError: true })).data, null, 2));
  const erase = async () => {
    await eraseContact({ path: { id: c.id }, throwOnError: true });
    tell(words.contacts.erased);
    await navigate({ to: '/contacts' });
    await stale();
  };
  const askErase = () => modals.openConfirmModal({ title: words.contacts.erase, children: words.contacts.eraseSure, confirmProps: { color: 'red' }, labels: { confirm: words.contacts.erase, cancel: words.common.cancel }, onConfirm: () => attempt(erase) });
  const others = groups.data?.items.filter((g) => !c.groups.some((mine) => mine.id === g.id)) ?? [];
  if (!may && !mayErase) return null;
  return (
    <>
      {dialog}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label={words.common.actions}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {may && others.length > 0 && (
            <>
              <Menu.Label>{words.audiences.add}</Menu.Label>
              {others.slice(0, 20).map((g) => (
                <Menu.Item key={g.id} onClick={() => attach.mutate({ path: { id: g.id }, body: { contactIds: [c.id] } }, { onSuccess: () => tell(words.audiences.added(g.name)) })}>
                  {g.name}
                </Menu.Item>
              ))}
              <Menu.Divider />
            </>
          )}
          {mayErase && <Menu.Item onClick={() => attempt(take)}>{words.contacts.export}</Menu.Item>}
          {may && (
            <Menu.Item color="red" onClick={() => remove.mutate({ path: { id: c.id } })}>
              {words.common.delete}
            </Menu.Item>
          )}
          {mayErase && (
            <Menu.Item color="red" onClick={askErase}>
              {words.contacts.erase}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
