import { Loader, Modal } from '@mantine/core';
import { lazy, Suspense, useEffect, useState } from 'react';
import { onSignedOut } from '@/api/client';
import { useWords } from '@/words/words';

const SignInForm = lazy(() => import('./SignInForm').then((m) => ({ default: m.SignInForm })));

/** Has who was signed out sign in where they are: what they typed stays. */
export function SignInAgain() {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  useEffect(() => onSignedOut(() => setOpen(true)), []);
  return (
    <Modal opened={open} onClose={close} title={words.again.title} closeButtonProps={{ 'aria-label': words.common.close }}>
      <Suspense fallback={<Loader size="sm" aria-label={words.common.loading} />}>
        <SignInForm done={close} />
      </Suspense>
    </Modal>
  );
}
