import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { refusalOf } from '@/api/problem';
import { useWords } from '@/words/words';
import { Nowhere } from './Broken';
import { useSaid } from './said';
import classes from './Fault.module.css';

/** What went wrong, what is safe, what now, and an id to quote. In place of a screen it is the screen's heading. */
export function Fault({ error, retry, page = false }: { error: unknown; retry?: () => void; page?: boolean }) {
  const words = useWords();
  const said = useSaid();
  const refusal = refusalOf(error);
  if (page && refusal.status === 404) return <Nowhere />;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={page ? <h1 className={classes.heading}>{words.faults.title}</h1> : words.faults.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{said(error)}</Text>
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
