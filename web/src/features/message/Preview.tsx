import { Group, SegmentedControl, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type MessageBody, previewContent } from '@/api/generated';
import { Bubble, seenOf } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { contentOf } from './draft';
import { PersonPicker } from '@/ui/PersonPicker';
import { useWords } from '@/words/words';

/** A message as a person gets it, in the language that is written, or in theirs where that is empty. */
export function Preview({ content, language, good }: { content: MessageBody; language: string; good: boolean }) {
  const words = useWords();
  const f = useFormat();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [dark, setDark] = useState(scheme === 'dark');
  const [person, setPerson] = useState<number>();
  const rest = contentOf(content);
  const shown = useQuery({
    queryKey: ['previewContent', rest, person, language],
    queryFn: async ({ signal }) =>
      (await previewContent({ body: { content: rest, contactId: person, languageCode: language || undefined }, signal, throwOnError: true })).data,
    enabled: good,
    placeholderData: (before) => before,
    retry: false,
  });
  const seen = shown.data ? seenOf(shown.data.method, shown.data.parameters) : { text: content.text ?? '', media: [], captionAbove: false, buttons: [] };
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2}>{words.messages.preview}</Title>
        <SegmentedControl
          size="xs"
          aria-label={words.messages.phone}
          value={dark ? 'dark' : 'light'}
          onChange={(v) => setDark(v === 'dark')}
          data={[{ value: 'light', label: words.messages.light }, { value: 'dark', label: words.messages.dark }]}
        />
      </Group>
      <Bubble seen={seen} dark={dark} time={f.clock(new Date())} />
      <PersonPicker label={words.messages.previewFor} placeholder={words.messages.nobody} value={person} onChange={setPerson} />
      {shown.data && shown.data.missing.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.messages.missing(shown.data.missing.join(', '))}
        </Text>
      )}
    </Stack>
  );
}
