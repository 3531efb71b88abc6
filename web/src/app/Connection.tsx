import { Alert } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { refusalOf } from '@/api/problem';
import { useWords } from '@/words/words';

/** A quiet bar while the server cannot be reached. */
export function Connection() {
  const words = useWords();
  const { online } = useNetwork();
  const queries = useQueryClient();
  const [reached, setReached] = useState(true);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated') return;
        if (event.action.type === 'success') setReached(true);
        if (event.action.type === 'error' || event.action.type === 'failed') setReached(refusalOf(event.action.error).status !== 0);
      }),
    [queries],
  );
  if (online && reached) return null;
  return (
    <Alert color="yellow" icon={<IconPlugConnectedX aria-hidden />} mb="md" role="status">
      {words.faults.offline}
    </Alert>
  );
}
