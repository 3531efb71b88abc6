import { ActionIcon, Group, SegmentedControl, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listContacts, type MessageBody, previewContent } from '@/api/generated';
import { Bubble, type Device, seenOf } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { contentOf } from './draft';
import { PersonPicker } from '@/ui/PersonPicker';
import { useWords } from '@/words/words';
import { roughOf } from './rough';
import classes from './Preview.module.css';

interface Props {
  content: MessageBody;
  language: string;
  /** Whether it was found good as it is now, and whether faults were found last. */
  good: boolean;
  faulty: boolean;
}

/** A message as a person gets it, in the language that is written, or in theirs where that is empty. */
export function Preview({ content, language, good, faulty }: Props) {
  const words = useWords();
  const f = useFormat();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [dark, setDark] = useState(scheme === 'dark');
  const [person, setPerson] = useState<number>();
  const [device, setDevice] = useState<Device>('android');
  const rest = contentOf(content);
  const shown = useQuery({
    queryKey: ['previewContent', rest, person, language],
    queryFn: async ({ signal }) =>
      (await previewContent({ body: { content: rest, contactId: person, languageCode: language || undefined }, signal, throwOnError: true })).data,
    enabled: good,
    placeholderData: (before) => before,
    retry: false,
  });
  const seen = shown.data && !faulty ? seenOf(shown.data.method, shown.data.parameters) : roughOf(content, language);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2}>{words.messages.preview}</Title>
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={words.messages.device} value={device} onChange={setDevice} data={[{ value: 'android', label: 'Android' }, { value: 'ios', label: 'iOS' }]} />
        <SegmentedControl
          size="xs"
          aria-label={words.messages.phone}
          value={dark ? 'dark' : 'light'}
          onChange={(v) => setDark(v === 'dark')}
          data={[{ value: 'light', label: words.messages.light }, { value: 'dark', label: words.messages.dark }]}
        />
        </Group>
      </Group>
      <Bubble seen={seen} dark={dark} device={device} time={f.clock(new Date())} />
      <Person value={person} onChange={setPerson} />
      {shown.data && shown.data.missing.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.messages.missing(shown.data.missing.join(', '))}
        </Text>
      )}
    </Stack>
  );
}

/** For whom it is shown: somebody who is looked for, or one subscriber after another. */
function Person({ value, onChange }: { value: number | undefined; onChange: (id: number | undefined) => void }) {
  const words = useWords();
  const people = useQuery({
    queryKey: ['listContacts', 'readers'],
    queryFn: async ({ signal }) => (await listContacts({ query: { chat: 'active', limit: 100 }, signal, throwOnError: true })).data.items.map((c) => c.id),
    staleTime: 60_000,
  });
  const all = people.data ?? [];
  const at = value === undefined ? -1 : all.indexOf(value);
  const step = (by: number) => onChange(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  return (
    <Group gap={4} align="flex-end" wrap="nowrap">
      <div className={classes.person}>
        <PersonPicker label={words.messages.previewFor} placeholder={words.messages.nobody} value={value} onChange={onChange} />
      </div>
      <ActionIcon variant="default" size={36} aria-label={words.messages.previousPerson} disabled={all.length === 0} onClick={() => step(-1)}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" size={36} aria-label={words.messages.nextPerson} disabled={all.length === 0} onClick={() => step(1)}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
