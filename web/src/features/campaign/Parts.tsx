import { MultiSelect, Radio, Select, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { listBotsOptions, listGroupsOptions, listMessagesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import type { Draft } from './draft';

/** The messages that can be chosen. */
export const messageChoices = listMessagesOptions({ query: { limit: 500, sort: 'name' } });

/** The parts of a campaign: from whom, what, to whom, and what it is called. */
export function Parts({ form }: { form: UseFormReturnType<Draft> }) {
  const words = useWords();
  const f = useFormat();
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  const messages = useQuery(messageChoices);
  const groups = useQuery(listGroupsOptions({ query: { limit: 500, sort: 'name' } }));
  const only = bots.data?.items.length === 1 ? bots.data.items[0] : undefined;
  const { values, setFieldValue } = form;
  useEffect(() => {
    if (only && !values.botId) setFieldValue('botId', String(only.id));
  }, [only, values.botId, setFieldValue]);
  const named = messages.data?.items.find((m) => String(m.id) === values.messageId);
  const choices = groups.data?.items.map((g) => ({ value: String(g.id), label: `${g.name} · ${f.number(g.members)}` })) ?? [];
  return (
    <Stack>
      <Select
        label={words.campaigns.bot}
        data={bots.data?.items.map((b) => ({ value: String(b.id), label: `${b.name} · ${words.numbers.subscribers(b.subscribers)}` })) ?? []}
        required
        searchable
        allowDeselect={false}
        {...form.getInputProps('botId')}
      />
      <Select
        label={words.campaigns.message}
        data={messages.data?.items.map((m) => ({ value: String(m.id), label: m.name })) ?? []}
        required
        searchable
        allowDeselect={false}
        {...form.getInputProps('messageId')}
      />
      <Radio.Group label={words.campaigns.audience} {...form.getInputProps('who')}>
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={words.campaigns.all} />
          <Radio value="groups" label={words.campaigns.groupsAny} disabled={choices.length === 0} />
        </Stack>
      </Radio.Group>
      {values.who === 'groups' && <MultiSelect label={words.campaigns.groups} data={choices} searchable {...form.getInputProps('groups')} />}
      {choices.length > 0 && <MultiSelect label={words.campaigns.excluded} data={choices} searchable clearable {...form.getInputProps('excluded')} />}
      <TextInput label={words.campaigns.name} placeholder={named?.name} maxLength={200} {...form.getInputProps('name')} />
    </Stack>
  );
}
