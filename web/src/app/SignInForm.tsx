import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { signInMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { useSaid } from '@/ui/said';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';

/** The form by which one signs in where one is. */
export function SignInForm({ done }: { done: () => void }) {
  const words = useWords();
  const said = useSaid();
  const session = useSession();
  const queries = useQueryClient();
  const [wantsCode, setWantsCode] = useState(session.user.secondFactor);
  const form = useForm({ initialValues: { email: session.user.email, password: '', code: '' } });
  const signIn = useMutation({
    ...signInMutation(),
    onSuccess: async () => {
      done();
      await queries.invalidateQueries();
    },
    onError: (error) => {
      const refusal = refusalOf(error);
      if (refusal.code === 'code_needed') setWantsCode(true);
      form.setErrors({ [refusal.code.startsWith('code') ? 'code' : 'password']: said(refusal) });
    },
  });
  return (
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
  );
}
