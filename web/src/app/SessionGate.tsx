import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getSessionOptions } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { SessionContext } from '@/ui/session';
import { useWords } from '@/words/words';

/** Shows what is in it to who has signed in, and leads everybody else to the page where one does. */
export function SessionGate({ children }: { children: ReactNode }) {
  const words = useWords();
  const session = useQuery({ ...getSessionOptions(), staleTime: 60_000 });
  if (session.data) return <SessionContext value={session.data}>{children}</SessionContext>;
  if (session.error && refusalOf(session.error).status === 401) {
    const here = location.pathname + location.search;
    location.replace(here === '/' ? '/start' : `/start?to=${encodeURIComponent(here)}`);
    return null;
  }
  return (
    <Center mih="60vh" p="lg">
      {session.error ? <Fault error={session.error} retry={() => void session.refetch()} /> : <Loader aria-label={words.common.loading} />}
    </Center>
  );
}
