import { Button, MultiSelect, Paper, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { createCampaignMutation, listBotsOptions, listGroupsOptions, listMessagesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { bodyOf, type Draft } from './draft';

/** What goes out, from whom, to whom: a draft, which is looked at before it is sent. */
export function NewCampaignPage() {
  const words = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { messageId, groupId } = useSearch({ from: '/campaigns/new' });
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  const messages = useQuery(listMessagesOptions({ query: { limit: 200 } }));
  const groups = useQuery(listGroupsOptions({ query: { limit: 500 } }));
  const form = useForm<Draft>({
    initialValues: {
      name: '', botId: null, messageId: messageId ? String(messageId) : null, who: groupId ? 'groups' : 'all', groups: groupId ? [String(groupId)] : [], excluded: [],
    },
  });
  const only = bots.data?.items.length === 1 ? bots.data.items[0] : undefined;
  const { values, setFieldValue } = form;
  useEffect(() => {
    if (only && !values.botId) setFieldValue('botId', String(only.id));
  }, [only, values.botId, setFieldValue]);
  const create = useMutation({
    ...createCampaignMutation(),
    onSuccess: async (c) => {
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listCampaigns') });
      await navigate({ to: '/campaigns/$id', params: { id: String(c.id) } });
    },
    onError: (error) => {
      const { field, message } = refusalOf(error);
      if (field in values) form.setFieldError(field, message);
      else tellFault(error);
    },
  });
  const named = messages.data?.items.find((m) => String(m.id) === values.messageId);
  const groupChoices = groups.data?.items.map((g) => ({ value: String(g.id), label: `${g.name} · ${f.number(g.members)}` })) ?? [];
  return (
    <>
      <PageHeader title={words.campaigns.new} />
      <Paper maw={560}>
        <form onSubmit={form.onSubmit((v) => create.mutate({ body: bodyOf({ ...v, name: v.name || (named?.name ?? '') }) }))}>
          <Stack>
            <Select
              label={words.campaigns.bot}
              data={bots.data?.items.map((b) => ({ value: String(b.id), label: `${b.name} · ${words.numbers.subscribers(b.subscribers)}` })) ?? []}
              required
              searchable
              {...form.getInputProps('botId')}
            />
            <Select
              label={words.campaigns.message}
              data={messages.data?.items.map((m) => ({ value: String(m.id), label: m.name })) ?? []}
              required
              searchable
              {...form.getInputProps('messageId')}
            />
            <Radio.Group label={words.campaigns.audience} {...form.getInputProps('who')}>
              <Stack gap="xs" mt="xs">
                <Radio value="all" label={words.campaigns.all} />
                <Radio value="groups" label={words.campaigns.groupsAny} disabled={groupChoices.length === 0} />
              </Stack>
            </Radio.Group>
            {values.who === 'groups' && <MultiSelect label={words.campaigns.groups} data={groupChoices} searchable {...form.getInputProps('groups')} />}
            {groupChoices.length > 0 && <MultiSelect label={words.campaigns.excluded} data={groupChoices} searchable clearable {...form.getInputProps('excluded')} />}
            <TextInput label={words.campaigns.name} placeholder={named?.name} {...form.getInputProps('name')} />
            <Button type="submit" loading={create.isPending} disabled={!values.botId || !values.messageId || (values.who === 'groups' && values.groups.length === 0)}>
              {words.campaigns.create}
            </Button>
          </Stack>
        </form>
      </Paper>
    </>
  );
}
