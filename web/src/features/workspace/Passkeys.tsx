import { Button, Group, Table, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addPasskey, beginPasskey } from '@/api/generated';
import { listPasskeysOptions, removePasskeyMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { useWords } from '@/words/words';
import { useConfirmed } from '@/ui/useConfirmed';

interface Creation {
  publicKey: PublicKeyCredentialCreationOptionsJSON;
}

/** Sign-in by the fingerprint, face or code of a device, without a password. */
export function Passkeys() {
  const words = useWords();
  const f = useFormat();
  const [name, setName] = useState('');
  const passkeys = useQuery(listPasskeysOptions());
  const { attempt, dialog } = useConfirmed();
  const remove = useMutation({ ...removePasskeyMutation(), onSuccess: () => passkeys.refetch() });
  const add = useMutation({
    mutationFn: async () => {
      const { data: begun } = await beginPasskey({ throwOnError: true });
      const options = begun.options as unknown as Creation;
      const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey) });
      const credential = (made as PublicKeyCredential).toJSON() as unknown as { [key: string]: unknown };
      await addPasskey({ body: { name: name.trim(), ceremony: begun.ceremony, credential }, throwOnError: true });
    },
    onSuccess: () => {
      setName('');
      void passkeys.refetch();
    },
    // What is at fault with a field, the form around it says, and here is none.
    onError: (error) => {
      if (refusalOf(error).field) tellFault(error);
    },
  });
  if (!('PublicKeyCredential' in window)) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.settings.passkeys}
      </Title>
      <Text size="sm" mb="xs">
        {words.settings.passkeysLead}
      </Text>
      <Table mb="sm">
        <Table.Tbody>
          {passkeys.data?.items.map((p) => (
            <Table.Tr key={p.id}>
              <Table.Td>{p.name}</Table.Td>
              <Table.Td>{p.usedAt ? f.time(p.usedAt) : words.settings.never}</Table.Td>
              <Table.Td ta="right">
                <Button size="compact-xs" variant="subtle" color="red" aria-label={words.settings.passkeyRemove(p.name)} onClick={() => attempt(() => remove.mutateAsync({ path: { id: p.id } }))}>
                  {words.common.delete}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group align="flex-end">
        <TextInput label={words.settings.passkeyName} maxLength={100} value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <Button variant="default" disabled={name.trim() === ''} loading={add.isPending} onClick={() => attempt(() => add.mutateAsync())}>
          {words.settings.passkeyAdd}
        </Button>
      </Group>
      {dialog}
    </section>
  );
}
