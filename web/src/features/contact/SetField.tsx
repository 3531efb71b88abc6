import { Button, Popover, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listFieldsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useWords } from '@/words/words';

/** Gives a field of all who are chosen the same value, or takes it away. */
export function SetField({ busy, set }: { busy: boolean; set: (fieldId: number, value: string) => void }) {
  const words = useWords();
  const [opened, setOpened] = useState(false);
  const fields = useQuery(listFieldsOptions());
  const form = useForm({ initialValues: { id: '', value: '' } });
  if (!fields.data || fields.data.items.length === 0) return null;
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus width={260} position="top">
      <Popover.Target>
        <Button size="xs" variant="default" disabled={busy} onClick={() => setOpened((is) => !is)}>
          {words.contacts.setField}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={form.onSubmit(({ id, value }) => {
            setOpened(false);
            set(Number(id), value.trim());
          })}
        >
          <Stack gap="xs">
            <Select label={words.contacts.field} data={fields.data.items.map((f) => ({ value: String(f.id), label: f.name }))} searchable comboboxProps={{ withinPortal: false }} data-autofocus {...form.getInputProps('id')} />
            <TextInput label={words.contacts.value} description={words.contacts.setFieldHint} {...form.getInputProps('value')} />
            <Button type="submit" size="xs" disabled={!form.values.id}>
              {words.common.save}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
