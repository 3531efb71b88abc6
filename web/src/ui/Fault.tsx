import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { refusalOf } from '@/api/problem';
import { useWords } from '@/words/words';
import { Nowhere } from './Broken';
import classes from './Fault.module.css';

/** What went wrong, what is safe, what now, and an id to quote. In place of a screen it is the screen's heading. */
export function Fault({ error, retry, page = false }: { error: unknown; retry?: () => void; page?: boolean }) {
  const words = useWords();
  const refusal = refusalOf(error);
  if (page && refusal.status === 404) return <Nowhere />;
  const sentence =
    refusal.status === 0 ? words.faults.unreachable : refusal.status === 404 ? words.faults.notFound : refusal.status === 403 ? `${words.faults.forbidden} ${refusal.message}` : refusal.message;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={page ? <h1 className={classes.heading}>{words.faults.title}</h1> : words.faults.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{sentence}</Text>
        {refusal.quote && <Text size="xs">{words.faults.quote(refusal.quote)}</Text>}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {words.common.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
