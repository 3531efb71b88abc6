import { Select, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Look } from '@/api/generated';
import { listFieldsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useWords } from '@/words/words';
import { type AttributeName, attributes, type Means } from './mapping';
import classes from './Columns.module.css';

/** The first rows of a file, and what each of its columns is. */
export function Columns({ look, means, onChange }: { look: Look; means: Means; onChange: (means: Means) => void }) {
  const words = useWords();
  const fields = useQuery(listFieldsOptions());
  const labels: Record<AttributeName, string> = {
    externalCustomerId: words.contacts.external, phone: words.contacts.phone, email: words.contacts.email, firstName: words.contacts.firstName, lastName: words.contacts.lastName,
    languageCode: words.contacts.language, timeZone: words.contacts.zone, town: words.contacts.town, region: words.contacts.region, address: words.contacts.address, postcode: words.contacts.postcode, contactKey: words.contacts.contactKey,
  };
  const choices = [
    { value: 'ignore', label: words.contacts.leaveOut },
    ...attributes.map((a) => ({ value: a as string, label: labels[a] })),
    ...(fields.data?.items ?? []).map((f) => ({ value: f.name, label: f.name })),
  ];
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.columns}
      </Title>
      <div className={classes.box} tabIndex={0} role="region" aria-label={words.contacts.columns}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {look.columns.map((c) => (
                <Table.Th key={c.name} miw={160}>
                  <Text size="sm" fw={600}>
                    {c.name}
                  </Text>
                  <Select
                    size="xs"
                    aria-label={words.contacts.columnIs(c.name)}
                    data={choices.some((o) => o.value === c.means) ? choices : [...choices, { value: c.means, label: c.means }]}
                    value={means[c.name] ?? c.means}
                    onChange={(m) => m && onChange({ ...means, [c.name]: m })}
                    allowDeselect={false}
                    searchable
                  />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {look.rows.slice(0, 5).map((r) => (
              <Table.Tr key={r.row}>
                {r.error ? (
                  <Table.Td colSpan={look.columns.length} c="red">
                    {r.error}
                  </Table.Td>
                ) : (
                  r.cells.map((cell, i) => <Table.Td key={i}>{cell}</Table.Td>)
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
