import { Button, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useWords } from '@/words/words';

/** In place of a screen that has failed. */
export function Broken({ error }: { error: unknown }) {
  const words = useWords();
  return (
    <Stack align="flex-start" p="lg">
      <Title order={1}>{words.faults.title}</Title>
      <Text>{words.faults.broken}</Text>
      <Text size="xs" c="dimmed">
        {error instanceof Error ? error.message : String(error)}
      </Text>
      <Button onClick={() => location.reload()}>{words.faults.reload}</Button>
    </Stack>
  );
}

/** In place of a screen that does not exist. */
export function Nowhere() {
  const words = useWords();
  return (
    <Stack align="flex-start">
      <Title order={1}>{words.faults.notFound}</Title>
      <Button component={Link} to="/">
        {words.nav.home}
      </Button>
    </Stack>
  );
}
