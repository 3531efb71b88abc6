import { ActionIcon, Anchor, Button, Code, Group, Modal, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { IconForms, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { createField, deleteField, type Field, listContacts, renameField } from '@/api/generated';
import { listFieldsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { EmptyState } from '@/ui/EmptyState';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { Said } from '@/ui/said';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

const types = ['text', 'number', 'date', 'boolean'] as const;

/** The fields in which a workspace keeps what it knows of its contacts. */
export function FieldsPage() {
  const words = useWords();
  const f = useFormat();
  const may = useMay('edit_contacts');
  const [edited, setEdited] = useState<Field | 'new'>();
  const queries = useQueryClient();
  const fields = useQuery(listFieldsOptions());
  const stale = () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listFields', 'listVariables', 'getContact') });
  const remove = useMutation({ mutationFn: (id: number) => deleteField({ path: { id }, throwOnError: true }), onSuccess: stale, onError: tellFault });
  const ask = async (field: Field) => {
    // Whoever deletes is told how much goes with it.
    const { data } = await listContacts({ query: { fieldId: field.id, fieldOp: 'set', limit: 1, total: true }, throwOnError: true });
    const n = data.total ? (data.total.about ? words.common.about(f.number(data.total.count)) : f.number(data.total.count)) : '';
    modals.openConfirmModal({
      title: words.contacts.fieldDelete(field.name),
      children: words.contacts.fieldDeleteSure(n),
      labels: { confirm: words.common.delete, cancel: words.common.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(field.id),
    });
  };
  const create = may && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEdited('new')}>
      {words.contacts.fieldNew}
    </Button>
  );
  if (fields.error && !fields.data) return <Fault page error={fields.error} retry={() => void fields.refetch()} />;
  const items = fields.data?.items ?? [];
  return (
    <>
      <PageHeader title={words.contacts.fieldsTitle}>{items.length > 0 && create}</PageHeader>
      {edited && <FieldForm field={edited === 'new' ? undefined : edited} close={() => setEdited(undefined)} saved={stale} />}
      <Stack maw={860}>
        <Text size="sm" c="dimmed">
          {words.contacts.fieldsLead}
        </Text>
        {fields.data && items.length === 0 && (
          <EmptyState icon={<IconForms size={32} stroke={1.2} aria-hidden />} action={create}>
            {words.contacts.noFields}
          </EmptyState>
        )}
        {items.length > 0 && (
          <Table.ScrollContainer minWidth={480}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.common.name}</Table.Th>
                  <Table.Th>{words.contacts.fieldType}</Table.Th>
                  <Table.Th>{words.contacts.fieldKey}</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((field) => (
                  <Table.Tr key={field.id}>
                    <Table.Td>
                      <Anchor component={Link} to={`/contacts?fieldId=${field.id}&fieldOp=set`} size="sm">
                        {field.name}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{words.contacts.fieldTypes[field.type]}</Table.Td>
                    <Table.Td>
                      <Code>{`{{ contact.fields.${field.key} }}`}</Code>
                    </Table.Td>
                    <Table.Td>
                      {may && (
                        <Group gap={2} justify="flex-end" wrap="nowrap">
                          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words.contacts.fieldRename(field.name)} onClick={() => setEdited(field)}>
                            <IconPencil size={14} aria-hidden />
                          </ActionIcon>
                          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words.contacts.fieldDelete(field.name)} onClick={() => void ask(field).catch(tellFault)}>
                            <IconTrash size={14} aria-hidden />
                          </ActionIcon>
                        </Group>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </>
  );
}

/** Makes a field, or renames one: what its values are and how messages speak of it stays. */
function FieldForm({ field, close, saved }: { field: Field | undefined; close: () => void; saved: () => Promise<unknown> }) {
  const words = useWords();
  const form = useForm({ initialValues: { name: field?.name ?? '', type: field?.type ?? ('text' as Field['type']) } });
  const save = useMutation({
    mutationFn: async (body: { name: string; type: Field['type'] }) =>
      field ? renameField({ path: { id: field.id }, body: { name: body.name }, throwOnError: true }) : createField({ body, throwOnError: true }),
    onSuccess: async () => {
      await saved();
      close();
    },
    onError: (error) => {
      const { field: at } = refusalOf(error);
      if (at === 'name' || at === 'key') form.setFieldError('name', <Said error={error} />);
      else tellFault(error);
    },
  });
  return (
    <Modal opened onClose={close} title={field ? words.contacts.fieldRename(field.name) : words.contacts.fieldNew} closeButtonProps={{ 'aria-label': words.common.close }}>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack>
          <TextInput label={words.common.name} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
          {!field && <Select label={words.contacts.fieldType} data={types.map((t) => ({ value: t, label: words.contacts.fieldTypes[t] }))} allowDeselect={false} {...form.getInputProps('type')} />}
          <Button type="submit" loading={save.isPending}>
            {words.common.save}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
