import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { confirmSessionMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { tellFault } from './notice';
import { useSaid } from './said';
import { useSession } from './session';
import { useWords } from '@/words/words';

type Act = () => Promise<unknown>;

/** Carries out what is dangerous: when the server asks for the password first, so does a dialog, and then it goes on. */
export function useConfirmed() {
  const words = useWords();
  const said = useSaid();
  const { user } = useSession();
  const [waiting, setWaiting] = useState<Act>();
  const form = useForm({ initialValues: { password: '', code: '' } });
  const attempt = (act: Act) => {
    act().catch((error: unknown) => {
      if (refusalOf(error).code === 'confirm_first') setWaiting(() => act);
      else if (!refusalOf(error).field) tellFault(error);
    });
  };
  const confirm = useMutation({
    ...confirmSessionMutation(),
    onSuccess: () => {
      form.reset();
      setWaiting(undefined);
      if (waiting) attempt(waiting);
    },
    onError: (error) => form.setFieldError(refusalOf(error).code.startsWith('code') ? 'code' : 'password', said(error)),
  });
  const dialog = (
    <Modal opened={waiting !== undefined} onClose={() => setWaiting(undefined)} title={words.again.confirmTitle} closeButtonProps={{ 'aria-label': words.common.close }}>
      <form onSubmit={form.onSubmit(({ password, code }) => confirm.mutate({ body: code ? { password, code } : { password } }))}>
        <Stack>
          <Text>{words.again.confirmLead}</Text>
          <PasswordInput label={words.again.password} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
          {user.secondFactor && <TextInput label={words.again.code} autoComplete="one-time-code" {...form.getInputProps('code')} />}
          <Button type="submit" loading={confirm.isPending}>
            {words.again.confirm}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
  return { attempt, dialog };
}
