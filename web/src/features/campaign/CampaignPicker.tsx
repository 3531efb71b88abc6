import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Campaign, listCampaigns } from '@/api/generated';
import { useFormat } from '@/ui/format';

interface Props {
  label: string;
  /** The one that is chosen, once it is known. */
  value: Campaign | undefined;
  onChange: (campaignId: number) => void;
}

/** Chooses a broadcast that has gone out, by a few letters of its name. */
export function CampaignPicker({ label, value, onChange }: Props) {
  const f = useFormat();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 200);
  const found = useQuery({
    queryKey: ['listCampaigns', 'picker', search],
    queryFn: async ({ signal }) =>
      (await listCampaigns({ query: { limit: 20, kind: 'broadcast', action: ['send'], state: ['sending', 'paused', 'finished', 'cancelled'], sort: '-launchedAt', search: search || undefined }, signal, throwOnError: true })).data,
    placeholderData: (before) => before,
  });
  const items = [...(found.data?.items ?? [])];
  if (value && !items.some((c) => c.id === value.id)) items.unshift(value);
  return (
    <Select
      label={label}
      data={items.map((c) => ({ value: String(c.id), label: c.launchedAt ? `${c.name}, ${f.day(c.launchedAt)}` : c.name }))}
      value={value ? String(value.id) : null}
      onChange={(id) => id !== null && onChange(Number(id))}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      searchable
    />
  );
}
