import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { onSignedOut } from '@/api/client';
import { signInMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { useSaid } from '@/ui/said';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';

/** Has who was signed out sign in where they are: what they typed stays. */
export function SignInAgain() {
  const words = useWords();
  const said = useSaid();
  const session = useSession();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [wantsCode, setWantsCode] = useState(session.user.secondFactor);
  const form = useForm({ initialValues: { email: session.user.email, password: '', code: '' } });
  useEffect(() => onSignedOut(() => setOpen(true)), []);
  const signIn = useMutation({
    ...signInMutation(),
    onSuccess: async () => {
      setOpen(false);
      form.reset();
      await queries.invalidateQueries();
    },
    onError: (error) => {
      const refusal = refusalOf(error);
      if (refusal.code === 'code_needed') setWantsCode(true);
      form.setErrors({ [refusal.code.startsWith('code') ? 'code' : 'password']: said(refusal) });
    },
  });
  return (
    <Modal opened={open} onClose={() => setOpen(false)} title={words.again.title} closeButtonProps={{ 'aria-label': words.common.close }}>
      <form onSubmit={form.onSubmit(({ code, ...rest }) => signIn.mutate({ body: code ? { ...rest, code } : rest }))}>
        <Stack>
          <Text size="md">{words.again.lead}</Text>
          <TextInput label={words.again.email} type="email" autoComplete="username" {...form.getInputProps('email')} />
          <PasswordInput label={words.again.password} autoComplete="current-password" data-autofocus {...form.getInputProps('password')} />
          {wantsCode && <TextInput label={words.again.code} autoComplete="one-time-code" {...form.getInputProps('code')} />}
          <Button type="submit" loading={signIn.isPending}>
            {words.again.go}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
