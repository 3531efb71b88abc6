import { Button, Group, Text } from '@mantine/core';
import type { MessageBody } from '@/api/generated';
import { useWords } from '@/words/words';

/** Messages to begin with, as long as nothing is written. */
export function Samples({ onPick }: { onPick: (body: MessageBody) => void }) {
  const words = useWords();
  return (
    <section aria-label={words.messages.beginWith}>
      <Text size="sm" fw={500}>
        {words.messages.beginWith}
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {words.messages.beginHint}
      </Text>
      <Group gap="xs">
        {words.samples.all.map((s) => (
          <Button key={s.name} size="xs" variant="default" onClick={() => onPick({ name: s.name, text: s.text, buttons: [[{ text: s.button, url: 'https://' }]] })}>
            {s.name}
          </Button>
        ))}
      </Group>
    </section>
  );
}
