import { Alert, Button, Code, Group, Select, Stack, Table, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreateKeyInputBody } from '@/api/generated';
import { createKeyMutation, listKeysOptions, revokeKeyMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';
import { useConfirmed } from '@/ui/useConfirmed';

type Scope = CreateKeyInputBody['scope'];
const scopes: Scope[] = ['full', 'events+contacts', 'events+contacts-write', 'events', 'messages'];

/** The keys by which systems call the APIs. */
export function Keys() {
  const words = useWords();
  const said = useSaid();
  const f = useFormat();
  const [secret, setSecret] = useState('');
  const keys = useQuery(listKeysOptions());
  const { attempt, dialog } = useConfirmed();
  const form = useForm({ initialValues: { name: '', scope: 'full' as Scope } });
  const create = useMutation({
    ...createKeyMutation(),
    onSuccess: async (k) => {
      setSecret(k.secret ?? '');
      form.reset();
      await keys.refetch();
    },
    onError: (error) => refusalOf(error).field === 'name' && form.setFieldError('name', said(error)),
  });
  const revoke = useMutation({ ...revokeKeyMutation(), onSuccess: () => keys.refetch() });
  if (keys.error) return <Fault error={keys.error} retry={() => void keys.refetch()} />;
  return (
    <Stack gap="xl">
      <form onSubmit={form.onSubmit((body) => attempt(() => create.mutateAsync({ body })))}>
        <Group align="flex-end">
          <TextInput label={words.common.name} maxLength={100} required {...form.getInputProps('name')} />
          <Select label={words.settings.scope} data={scopes.map((s) => ({ value: s, label: words.settings.scopes[s] }))} allowDeselect={false} {...form.getInputProps('scope')} />
          <Button type="submit" loading={create.isPending}>
            {words.settings.newKey}
          </Button>
        </Group>
      </form>
      {secret && (
        <Alert title={words.settings.keyOnce}>
          <Code block tabIndex={0}>{secret}</Code>
        </Alert>
      )}
      {(keys.data?.items.length ?? 0) > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.common.name}</Table.Th>
              <Table.Th>{words.settings.scope}</Table.Th>
              <Table.Th>{words.settings.used}</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.data?.items.map((k) => (
              <Table.Tr key={k.id}>
                <Table.Td>{k.name}</Table.Td>
                <Table.Td>{words.settings.scopes[k.scope]}</Table.Td>
                <Table.Td>{k.usedAt ? f.time(k.usedAt) : words.settings.never}</Table.Td>
                <Table.Td ta="right">
                  <Button size="compact-xs" variant="subtle" color="red" aria-label={`${words.settings.revoke}: ${k.name}`} onClick={() => attempt(() => revoke.mutateAsync({ path: { id: k.id } }))}>
                    {words.settings.revoke}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {dialog}
    </Stack>
  );
}
