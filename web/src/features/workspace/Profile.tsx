import { Button, Group, PasswordInput, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  changePasswordMutation, endOtherSessionsMutation, endSessionMutation, listSessionsOptions, updateMeMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { agentOf } from '@/lib/agent';
import { useFormat } from '@/ui/format';
import { tell, tellFault } from '@/ui/notice';
import { useSaid } from '@/ui/said';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';
import { Passkeys } from './Passkeys';
import { SecondFactor } from './SecondFactor';

/** One's own name, password and browsers. */
export function Profile() {
  const words = useWords();
  const said = useSaid();
  const { user } = useSession();
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: user.name } });
  const rename = useMutation({ ...updateMeMutation(), onSuccess: () => queries.invalidateQueries(), onError: (e) => form.setFieldError('name', said(e)) });
  return (
    <Stack gap="xl" maw={640}>
      <form onSubmit={form.onSubmit((body) => rename.mutate({ body }))}>
        <Group align="flex-end">
          <TextInput label={words.settings.yourName} flex={1} {...form.getInputProps('name')} />
          <Button type="submit" variant="default" loading={rename.isPending} disabled={!form.isDirty()}>
            {words.common.save}
          </Button>
        </Group>
      </form>
      <Password />
      <SecondFactor />
      <Passkeys />
      <Browsers />
    </Stack>
  );
}

function Password() {
  const words = useWords();
  const said = useSaid();
  const form = useForm({ initialValues: { password: '', newPassword: '' } });
  const change = useMutation({
    ...changePasswordMutation(),
    onSuccess: () => {
      form.reset();
      tell(words.settings.passwordChanged);
    },
    onError: (e) => {
      const { field } = refusalOf(e);
      form.setFieldError(field === 'newPassword' ? 'newPassword' : 'password', said(e));
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => change.mutate({ body }))}>
      <Stack gap="sm">
        <PasswordInput label={words.settings.currentPassword} autoComplete="current-password" {...form.getInputProps('password')} />
        <PasswordInput label={words.settings.newPassword} autoComplete="new-password" {...form.getInputProps('newPassword')} />
        <Group>
          <Button type="submit" variant="default" loading={change.isPending} disabled={!form.values.password || !form.values.newPassword}>
            {words.settings.changePassword}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Browsers() {
  const words = useWords();
  const f = useFormat();
  const sessions = useQuery(listSessionsOptions());
  const again = { onSuccess: () => sessions.refetch(), onError: tellFault };
  const end = useMutation({ ...endSessionMutation(), ...again });
  const endOthers = useMutation({ ...endOtherSessionsMutation(), ...again });
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{words.settings.sessions}</Title>
        {(sessions.data?.items.length ?? 0) > 1 && (
          <Button size="xs" variant="default" onClick={() => endOthers.mutate({})}>
            {words.settings.endOthers}
          </Button>
        )}
      </Group>
      <Table>
        <Table.Tbody>
          {sessions.data?.items.map((s) => (
            <Table.Tr key={s.id}>
              <Table.Td>
                {agentOf(s.agent)}
                <Text size="xs" c="dimmed">
                  {s.address} · {s.current ? words.settings.thisBrowser : f.time(s.seenAt)}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                {!s.current && (
                  <Button size="compact-xs" variant="subtle" onClick={() => end.mutate({ path: { id: s.id } })}>
                    {words.settings.endSession}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
