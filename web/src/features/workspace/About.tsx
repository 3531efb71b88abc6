import { Anchor, Stack, Text } from '@mantine/core';
import { useWords } from '@/words/words';

export function About() {
  const words = useWords();
  return (
    <Stack>
      <Text>{words.settings.apiLead}</Text>
      <Anchor href="/docs">{words.settings.api}</Anchor>
    </Stack>
  );
}
