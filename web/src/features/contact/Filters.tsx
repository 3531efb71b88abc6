import { Button, Menu, MultiSelect, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { listBotsOptions, listFieldsOptions, listGroupsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { attributes } from '@/ui/attributes';
import { FilterChip } from '@/ui/FilterChip';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { chats, comparisons, type Filter, isFiltered } from './filter';

type Name = 'chat' | 'groupId' | 'botId' | 'language' | 'lacks' | 'fieldId' | 'from';

interface Kind {
  name: Name;
  label: string;
  /** What is asked, in words; empty while nothing is. */
  value: string;
  /** The part of the address that is its own. */
  none: Filter;
  editor: ReactNode;
}

/** Which contacts are listed, filter by filter: all that is asked is in the address. */
export function Filters() {
  const words = useWords();
  const { opened, setOpened, kinds, filtered, set } = useFilters();
  const shown = kinds.filter((k) => k.value !== '' || k.name === opened);
  const left = kinds.filter((k) => !shown.includes(k));
  return (
    <>
      {shown.map((k) => (
        <FilterChip
          key={k.name}
          label={k.label}
          value={k.value}
          opened={opened === k.name}
          onOpen={(is) => setOpened(is ? k.name : undefined)}
          onRemove={() => {
            setOpened(undefined);
            set(k.none);
          }}
        >
          {k.editor}
        </FilterChip>
      ))}
      {left.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<IconFilterPlus size={14} aria-hidden />}>
              {words.common.addFilter}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {left.map((k) => (
              <Menu.Item key={k.name} onClick={() => setOpened(k.name)}>
                {k.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {filtered && (
        <Button variant="subtle" size="xs" onClick={() => set(Object.assign({}, ...kinds.map((k) => k.none)) as Filter)}>
          {words.common.clear}
        </Button>
      )}
    </>
  );
}

function useFilters() {
  const words = useWords();
  const format = useFormat();
  const f = useSearch({ from: '/contacts' });
  const navigate = useNavigate({ from: '/contacts' });
  const [opened, setOpened] = useState<Name>();
  const groups = useQuery(listGroupsOptions({ query: { limit: 200, sort: 'name' } })).data?.items ?? [];
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } })).data?.items ?? [];
  const fields = useQuery(listFieldsOptions()).data?.items ?? [];
  const set = (part: Filter) => void navigate({ search: (s) => ({ ...s, ...part }), replace: true });
  const field = fields.find((one) => one.id === f.fieldId);
  const ordered = field?.type === 'number' || field?.type === 'date';
  const days = [f.from && words.contacts.fromDay(format.date(f.from)), f.to && words.contacts.toDay(format.date(f.to))].filter(Boolean).join(' ');
  const kinds: Kind[] = [
    {
      name: 'chat', label: words.contacts.chats, value: f.chat ? words.contacts.chatFilter[f.chat] : '', none: { chat: undefined },
      editor: <Select label={words.contacts.chats} data={chats.map((c) => ({ value: c, label: words.contacts.chatFilter[c] }))} value={f.chat ?? null} onChange={(c) => set({ chat: chats.find((one) => one === c) })} data-autofocus />,
    },
    {
      name: 'groupId', label: words.campaigns.groups, none: { groupId: undefined },
      value: (f.groupId ?? []).map((id) => groups.find((g) => g.id === id)?.name ?? `#${id}`).join(', '),
      editor: <MultiSelect label={words.campaigns.groups} data={groups.map((g) => ({ value: String(g.id), label: g.name }))} value={(f.groupId ?? []).map(String)} onChange={(ids) => set({ groupId: ids.length > 0 ? ids.map(Number) : undefined })} searchable data-autofocus />,
    },
    {
      name: 'lacks', label: words.contacts.lacks, none: { lacks: undefined },
      value: (f.lacks ?? []).map((a) => words.contacts.attributes[a]).join(', '),
      editor: (
        <MultiSelect
          label={words.contacts.lacks}
          data={attributes.map((a) => ({ value: a, label: words.contacts.attributes[a] }))}
          value={f.lacks ?? []}
          onChange={(names) => set({ lacks: names.length > 0 ? attributes.filter((a) => names.includes(a)) : undefined })}
          data-autofocus
        />
      ),
    },
    {
      name: 'language', label: words.contacts.language, value: (f.language ?? []).join(', '), none: { language: undefined },
      editor: <TagsInput label={words.contacts.language} placeholder="uk" value={f.language ?? []} onChange={(tags) => set({ language: tags.length > 0 ? tags : undefined })} data-autofocus />,
    },
    {
      name: 'from', label: words.common.created, value: days, none: { from: undefined, to: undefined },
      editor: (
        <Stack gap="xs">
          <TextInput type="date" label={words.contacts.since} value={f.from ?? ''} max={f.to} onChange={(e) => set({ from: e.currentTarget.value || undefined })} data-autofocus />
          <TextInput type="date" label={words.contacts.until} value={f.to ?? ''} min={f.from} onChange={(e) => set({ to: e.currentTarget.value || undefined })} />
        </Stack>
      ),
    },
  ];
  if (bots.length > 1 || f.botId) {
    kinds.splice(2, 0, {
      name: 'botId', label: words.campaigns.bot, value: f.botId ? (bots.find((b) => b.id === f.botId)?.name ?? `#${f.botId}`) : '', none: { botId: undefined },
      editor: <Select label={words.campaigns.bot} data={bots.map((b) => ({ value: String(b.id), label: b.name }))} value={f.botId ? String(f.botId) : null} onChange={(id) => set({ botId: Number(id) || undefined })} data-autofocus />,
    });
  }
  if (fields.length > 0) {
    const compares = f.fieldOp !== 'set' && f.fieldOp !== 'unset';
    kinds.push({
      name: 'fieldId', label: words.contacts.field, none: { fieldId: undefined, fieldOp: undefined, fieldValue: undefined },
      value: field ? `${field.name} ${words.contacts.comparisons[f.fieldOp ?? 'equals']}${compares ? ` ${f.fieldValue ?? '…'}` : ''}` : '',
      editor: (
        <Stack gap="xs">
          <Select label={words.contacts.field} data={fields.map((one) => ({ value: String(one.id), label: one.name }))} value={f.fieldId ? String(f.fieldId) : null} onChange={(id) => set({ fieldId: Number(id) || undefined, fieldOp: 'equals', fieldValue: undefined })} searchable data-autofocus />
          {field && (
            <Select
              label={words.contacts.comparison}
              data={comparisons.filter((c) => ordered || (c !== 'atLeast' && c !== 'atMost')).map((c) => ({ value: c, label: words.contacts.comparisons[c] }))}
              value={f.fieldOp ?? 'equals'}
              onChange={(op) => set({ fieldOp: comparisons.find((c) => c === op) })}
              allowDeselect={false}
            />
          )}
          {field && compares && <FieldValue key={field.id} type={field.type} value={f.fieldValue ?? ''} onChange={(fieldValue) => set({ fieldValue: fieldValue || undefined })} />}
        </Stack>
      ),
    });
  }
  return { opened, setOpened, kinds, filtered: isFiltered(f), set };
}

/** What a field is compared with. It is asked for when it is whole, not letter by letter. */
function FieldValue({ type, value, onChange }: { type: string; value: string; onChange: (value: string) => void }) {
  const words = useWords();
  const [typed, setTyped] = useState(value);
  if (type === 'boolean') {
    return <Select label={words.contacts.value} data={[{ value: 'true', label: words.common.yes }, { value: 'false', label: words.common.no }]} value={value || null} onChange={(v) => onChange(v ?? '')} />;
  }
  return (
    <TextInput
      label={words.contacts.value}
      type={type === 'date' ? 'date' : type === 'number' ? 'number' : 'text'}
      step="any"
      value={typed}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onBlur={() => onChange(typed.trim())}
      onKeyDown={(e) => e.key === 'Enter' && onChange(typed.trim())}
    />
  );
}
