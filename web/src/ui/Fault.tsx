import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { refusalOf } from '@/api/problem';
import { useWords } from '@/words/words';

/** What went wrong, what is safe, what now, and an id to quote. */
export function Fault({ error, retry }: { error: unknown; retry?: () => void }) {
  const words = useWords();
  const refusal = refusalOf(error);
  const sentence =
    refusal.status === 0 ? words.faults.unreachable : refusal.status === 403 ? `${words.faults.forbidden} ${refusal.message}` : refusal.message;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.faults.title} role="alert">
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
