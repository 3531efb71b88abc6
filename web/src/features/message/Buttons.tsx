import { ActionIcon, Button, Group, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Button as Key } from '@/api/generated';
import { useWords } from '@/words/words';

/** The buttons under a message, row by row. */
export function Buttons({ rows, readOnly, onChange }: { rows: Key[][]; readOnly: boolean; onChange: (rows: Key[][]) => void }) {
  const words = useWords();
  const set = (r: number, c: number, part: Partial<Key>) => onChange(rows.map((row, i) => (i === r ? row.map((b, j) => (j === c ? { ...b, ...part } : b)) : row)));
  const remove = (r: number, c: number) => onChange(rows.map((row, i) => (i === r ? row.filter((_, j) => j !== c) : row)).filter((row) => row.length > 0));
  return (
    <Stack gap="xs">
      {rows.map((row, r) =>
        row.map((b, c) => (
          <Group key={`${r}/${c}`} align="flex-end" gap="xs" wrap="nowrap">
            <TextInput label={words.messages.buttonText} value={b.text} readOnly={readOnly} flex={1} onChange={(e) => set(r, c, { text: e.currentTarget.value })} />
            {b.callbackData === undefined && (
              <TextInput label={words.messages.buttonUrl} type="url" value={b.url ?? ''} readOnly={readOnly} flex={2} onChange={(e) => set(r, c, { url: e.currentTarget.value })} />
            )}
            {!readOnly && (
              <ActionIcon variant="subtle" color="gray" size={36} aria-label={words.messages.removeButton} onClick={() => remove(r, c)}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        )),
      )}
      {!readOnly && (
        <Group>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...rows, [{ text: '', url: 'https://' }]])}>
            {words.messages.addButton}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
