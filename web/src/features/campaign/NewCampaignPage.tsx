import { Button, Paper, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { createCampaignMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';
import { bodyOf, type Draft, isWhole } from './draft';
import { messageChoices, Parts } from './Parts';

/** What goes out, from whom, to whom: a draft, which is looked at before it is sent. */
export function NewCampaignPage() {
  const words = useWords();
  const said = useSaid();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const messages = useQuery(messageChoices);
  const { messageId, groupId } = useSearch({ from: '/campaigns/new' });
  const form = useForm<Draft>({
    initialValues: {
      name: '', botId: null, messageId: messageId ? String(messageId) : null, who: groupId ? 'groups' : 'all', groups: groupId ? [String(groupId)] : [], excluded: [],
    },
  });
  const create = useMutation({
    ...createCampaignMutation(),
    onSuccess: async (c) => {
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listCampaigns') });
      await navigate({ to: '/campaigns/$id', params: { id: String(c.id) } });
    },
    onError: (error) => {
      const { field } = refusalOf(error);
      if (field in form.values) form.setFieldError(field, said(error));
      else tellFault(error);
    },
  });
  /** A campaign is called like its message when nobody says otherwise. */
  const nameOf = (id: string | null) => messages.data?.items.find((m) => String(m.id) === id)?.name ?? '';
  return (
    <>
      <PageHeader title={words.campaigns.new} />
      <Paper maw={560}>
        <form onSubmit={form.onSubmit((v) => create.mutate({ body: bodyOf({ ...v, name: v.name || nameOf(v.messageId) }) }))}>
          <Stack>
            <Parts form={form} />
            <Button type="submit" loading={create.isPending} disabled={!isWhole(form.values)}>
              {words.campaigns.create}
            </Button>
          </Stack>
        </form>
      </Paper>
    </>
  );
}
