import { Group, SegmentedControl, Select, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listContacts, type MessageBody, previewContent } from '@/api/generated';
import { Bubble, seenOf } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { contentOf } from './draft';
import { useWords } from '@/words/words';

/** A message as a person gets it. */
export function Preview({ content, good }: { content: MessageBody; good: boolean }) {
  const words = useWords();
  const f = useFormat();
  const scheme = useComputedColorScheme();
  const [dark, setDark] = useState(scheme === 'dark');
  const [person, setPerson] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 200);
  const people = useQuery({
    queryKey: ['listContacts', 'picker', search],
    queryFn: async ({ signal }) => (await listContacts({ query: { limit: 20, search: search || undefined }, signal, throwOnError: true })).data,
    placeholderData: (before) => before,
  });
  const rest = contentOf(content);
  const shown = useQuery({
    queryKey: ['previewContent', rest, person],
    queryFn: async ({ signal }) =>
      (await previewContent({ body: { content: rest, contactId: person ? Number(person) : undefined }, signal, throwOnError: true })).data,
    enabled: good,
    placeholderData: (before) => before,
    retry: false,
  });
  const seen = shown.data ? seenOf(shown.data.method, shown.data.parameters) : { text: content.text ?? '', media: [], captionAbove: false, buttons: [] };
  const choices = people.data?.items.map((c) => ({ value: String(c.id), label: [c.firstName, c.lastName].filter(Boolean).join(' ') || c.email || c.phone || words.contacts.unnamed(c.id) })) ?? [];
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
      <Select label={words.messages.previewFor} placeholder={words.messages.nobody} data={choices} value={person} onChange={setPerson} searchable clearable searchValue={typed} onSearchChange={setTyped} filter={({ options }) => options} />
      {shown.data && shown.data.missing.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.messages.missing(shown.data.missing.join(', '))}
        </Text>
      )}
    </Stack>
  );
}
