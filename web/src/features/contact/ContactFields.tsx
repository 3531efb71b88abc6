import { Anchor, Button, Group, Select, SimpleGrid, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Contact, Field } from '@/api/generated';
import { listFieldsOptions, updateContactMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { tell, tellFault } from '@/ui/notice';
import { Said } from '@/ui/said';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

/** What is known of a contact in the fields of the workspace. */
export function ContactFields({ contact }: { contact: Contact }) {
  const words = useWords();
  const fields = useQuery(listFieldsOptions());
  if (!fields.data || fields.data.items.length === 0) return null;
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{words.contacts.fields}</Title>
        <Anchor component={Link} to="/contacts/fields" size="sm">
          {words.contacts.fieldsTitle}
        </Anchor>
      </Group>
      <Values contact={contact} fields={fields.data.items} />
    </section>
  );
}

function Values({ contact: c, fields }: { contact: Contact; fields: Field[] }) {
  const words = useWords();
  const may = useMay('edit_contacts');
  const queries = useQueryClient();
  const before = Object.fromEntries(fields.map((f) => [String(f.id), c.fields.find((v) => v.id === f.id)?.value ?? '']));
  const form = useForm<Record<string, string>>({ initialValues: before });
  const save = useMutation({
    ...updateContactMutation(),
    onSuccess: async () => {
      tell(words.contacts.saved);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts') });
    },
    onError: (error, { body }) => {
      const { field } = refusalOf(error);
      const at = /^fields\[(\d+)\]/.exec(field)?.[1];
      const id = at === undefined ? undefined : body.fields?.[Number(at)]?.id;
      if (id === undefined) tellFault(error);
      else form.setFieldError(String(id), <Said error={error} />);
    },
  });
  const changed = fields.filter((f) => form.values[f.id] !== before[f.id]);
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate({ path: { id: c.id }, body: { fields: changed.map((f) => ({ id: f.id, value: v[f.id]?.trim() ?? '' })) } }))}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {fields.map((f) => {
            const props = { key: f.id, label: f.name, readOnly: !may, ...form.getInputProps(String(f.id)) };
            if (f.type !== 'boolean') return <TextInput {...props} key={f.id} inputMode={f.type === 'number' ? 'decimal' : 'text'} placeholder={f.type === 'date' ? '2026-03-01' : undefined} />;
            return (
              <Select
                {...props}
                key={f.id}
                data={[{ value: 'true', label: words.common.yes }, { value: 'false', label: words.common.no }]}
                value={form.values[f.id] || null}
                onChange={(v) => form.setFieldValue(String(f.id), v ?? '')}
                clearable
              />
            );
          })}
        </SimpleGrid>
        {may && changed.length > 0 && (
          <Group>
            <Button type="submit" loading={save.isPending}>
              {words.common.save}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
