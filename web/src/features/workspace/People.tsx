import { Alert, Button, Code, Group, Select, Stack, Table, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Staff } from '@/api/generated';
import { changeRoleMutation, inviteMutation, listUsersOptions, removeUserMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { useSaid } from '@/ui/said';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';
import { useConfirmed } from '@/ui/useConfirmed';

const roles = ['owner', 'admin', 'marketer', 'writer', 'agent', 'analyst'] as const;
type Role = Staff['role'];

/** Who works in the workspace, and as what. */
export function People() {
  const words = useWords();
  const f = useFormat();
  const { user } = useSession();
  const people = useQuery(listUsersOptions());
  const { attempt, dialog } = useConfirmed();
  const again = () => people.refetch();
  const change = useMutation({ ...changeRoleMutation(), onSuccess: again });
  const remove = useMutation({ ...removeUserMutation(), onSuccess: again });
  const choices = roles.map((r) => ({ value: r, label: words.settings.roles[r] }));
  if (people.error) return <Fault error={people.error} retry={() => void people.refetch()} />;
  return (
    <Stack gap="xl">
      <Invite choices={choices} attempt={attempt} />
      <Table>
        <Table.Tbody>
          {people.data?.items.map((p) => (
            <Table.Tr key={p.id}>
              <Table.Td>
                {p.name} ({p.email})
              </Table.Td>
              <Table.Td>
                {p.id === user.id ? (
                  words.settings.roles[p.role]
                ) : (
                  <Select
                    aria-label={`${words.settings.role}: ${p.name}`}
                    size="xs"
                    data={choices}
                    value={p.role}
                    allowDeselect={false}
                    onChange={(role) => role && attempt(() => change.mutateAsync({ path: { id: p.id }, body: { role: role as Role } }))}
                  />
                )}
              </Table.Td>
              <Table.Td>{f.time(p.since)}</Table.Td>
              <Table.Td ta="right">
                {p.id !== user.id && (
                  <Button size="compact-xs" variant="subtle" color="red" onClick={() => attempt(() => remove.mutateAsync({ path: { id: p.id } }))}>
                    {words.audiences.remove}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {dialog}
    </Stack>
  );
}

function Invite({ choices, attempt }: { choices: { value: string; label: string }[]; attempt: (act: () => Promise<unknown>) => void }) {
  const words = useWords();
  const said = useSaid();
  const [link, setLink] = useState('');
  const form = useForm({ initialValues: { email: '', role: 'marketer' as Role } });
  const invite = useMutation({
    ...inviteMutation(),
    onSuccess: (i) => {
      setLink(i.link ?? '');
      form.reset();
    },
    onError: (error) => {
      const { code, field } = refusalOf(error);
      if (code === 'confirm_first') return;
      if (field === 'email') form.setFieldError('email', said(error));
      else tellFault(error);
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => attempt(() => invite.mutateAsync({ body })))}>
      <Stack gap="sm">
        <Group align="flex-end">
          <TextInput label={words.settings.inviteEmail} type="email" w={280} {...form.getInputProps('email')} />
          <Select label={words.settings.role} data={choices} allowDeselect={false} {...form.getInputProps('role')} />
          <Button type="submit" loading={invite.isPending}>
            {words.settings.invite}
          </Button>
        </Group>
        {link && (
          <Alert title={words.settings.invited}>
            {words.settings.inviteLink}
            <Code block tabIndex={0}>{link}</Code>
          </Alert>
        )}
      </Stack>
    </form>
  );
}
