import { Alert, Button, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { confirmAuthenticatorMutation, draftAuthenticatorMutation, removeAuthenticatorMutation, renewRecoveryCodesMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useSaid } from '@/ui/said';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';
import { useConfirmed } from '@/ui/useConfirmed';

/** Codes of an authenticator, asked for beside the password. */
export function SecondFactor() {
  const words = useWords();
  const said = useSaid();
  const { user } = useSession();
  const queries = useQueryClient();
  const { attempt, dialog } = useConfirmed();
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const [recovery, setRecovery] = useState<string[]>([]);
  const draft = useMutation(draftAuthenticatorMutation());
  const confirm = useMutation({
    ...confirmAuthenticatorMutation(),
    onSuccess: async (answer) => {
      setRecovery(answer.recoveryCodes);
      draft.reset();
      await queries.invalidateQueries();
    },
    onError: (error) => setFault(said(error)),
  });
  const remove = useMutation({ ...removeAuthenticatorMutation(), onSuccess: () => queries.invalidateQueries() });
  const renew = useMutation({ ...renewRecoveryCodesMutation(), onSuccess: (answer) => setRecovery(answer.recoveryCodes) });
  return (
    <section>
      <Title order={2} mb="xs">
        {words.settings.authenticator}
      </Title>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{user.secondFactor ? words.settings.authenticatorOn : words.settings.authenticatorOff}</Text>
        {draft.data && (
          <form
            onSubmit={(e) => {
              e.preventDefault();
              setFault('');
              confirm.mutate({ body: { code } });
            }}
          >
            <Stack gap="sm">
              <Text size="sm">{words.settings.authenticatorType}</Text>
              <Code block tabIndex={0}>{draft.data.secret}</Code>
              <Group align="flex-end">
                <TextInput label={words.settings.sixDigits} inputMode="numeric" autoComplete="one-time-code" value={code} error={fault} onChange={(e) => setCode(e.currentTarget.value)} />
                <Button type="submit" loading={confirm.isPending}>
                  {words.common.save}
                </Button>
              </Group>
            </Stack>
          </form>
        )}
        {recovery.length > 0 && (
          <Alert title={words.settings.recovery}>
            <Code block tabIndex={0}>{recovery.join('\n')}</Code>
          </Alert>
        )}
        {!user.secondFactor && !draft.data && (
          <Button variant="default" onClick={() => attempt(() => draft.mutateAsync({}))}>
            {words.settings.authenticatorAdd}
          </Button>
        )}
        {user.secondFactor && (
          <Group>
            <Button variant="default" onClick={() => attempt(() => renew.mutateAsync({}))}>
              {words.settings.recoveryRenew}
            </Button>
            <Button variant="default" onClick={() => attempt(() => remove.mutateAsync({}))}>
              {words.settings.authenticatorRemove}
            </Button>
          </Group>
        )}
      </Stack>
      {dialog}
    </section>
  );
}
