import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import type { ReactNode } from 'react';
import { theme, variables } from '@/theme';
import { useWords, WordsProvider } from '@/words/words';
import { queries } from './queries';
import { router } from './router';

/** The nonce that the server has put into the page: styles apply by it alone. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
setNonce(nonce);

/** Questions before what cannot be taken back. */
function Dialogs({ children }: { children: ReactNode }) {
  const words = useWords();
  return (
    <ModalsProvider labels={{ confirm: words.common.yes, cancel: words.common.no }} modalProps={{ closeButtonProps: { 'aria-label': words.common.close } }}>
      {children}
    </ModalsProvider>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <WordsProvider>
        <QueryClientProvider client={queries}>
          <Dialogs>
            <Notifications position="bottom-left" autoClose={6000} />
            <RouterProvider router={router} />
          </Dialogs>
        </QueryClientProvider>
      </WordsProvider>
    </MantineProvider>
  );
}
