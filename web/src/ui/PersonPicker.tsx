import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Contact, listContacts } from '@/api/generated';
import { getContactOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useWords, type Words } from '@/words/words';

/** What a contact is called: its name, or what is known of it. */
export function called(c: Pick<Contact, 'id' | 'firstName' | 'lastName' | 'email' | 'phone' | 'externalCustomerId'>, words: Words): string {
  return [c.firstName, c.lastName].filter(Boolean).join(' ') || c.email || c.phone || c.externalCustomerId || words.contacts.unnamed(c.id);
}

interface Props {
  label: string;
  placeholder?: string;
  value: number | undefined;
  onChange: (contactId: number | undefined) => void;
}

/** Chooses a person by a few letters of what is known of them. */
export function PersonPicker({ label, placeholder, value, onChange }: Props) {
  const words = useWords();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 200);
  const people = useQuery({
    queryKey: ['listContacts', 'picker', search],
    queryFn: async ({ signal }) => (await listContacts({ query: { limit: 20, search: search || undefined }, signal, throwOnError: true })).data,
    placeholderData: (before) => before,
  });
  const items = people.data?.items ?? [];
  const listed = value === undefined || items.some((c) => c.id === value);
  const other = useQuery({ ...getContactOptions({ path: { id: value ?? 0 } }), enabled: !listed });
  const all = !listed && other.data ? [other.data, ...items] : items;
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={all.map((c) => ({ value: String(c.id), label: called(c, words) }))}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id === null ? undefined : Number(id))}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      searchable
      clearable
    />
  );
}
