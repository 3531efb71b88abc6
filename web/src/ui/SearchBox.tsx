import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

/** A box that searches as one types: what was asked before the last letter is asked no more. */
export function SearchBox({ label, value, onSearch }: { label: string; value: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(onSearch, 40);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={typed}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={{ base: '100%', sm: 320 }}
      type="search"
      onChange={(e) => {
        setTyped(e.currentTarget.value);
        search(e.currentTarget.value.trim());
      }}
    />
  );
}
