import { Skeleton, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Campaign, getCampaign, updateCampaign } from '@/api/generated';
import { getCampaignQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';
import { bodyOf, type Draft, draftOf, isWhole } from './draft';
import { Parts } from './Parts';

/** The parts of a draft, which saves itself. What somebody else has made of it meanwhile is shown in place of it. */
export function DraftForm({ id }: { id: number }) {
  const read = useQuery({
    queryKey: ['draft', id],
    queryFn: async ({ signal }) => {
      const { data, response } = await getCampaign({ path: { id }, signal, throwOnError: true });
      return { campaign: data, etag: response.headers.get('ETag') ?? '' };
    },
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (read.error && !read.data) return <Fault error={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return <Skeleton height={320} />;
  return <Form key={read.data.etag} {...read.data} anew={() => void read.refetch()} />;
}

function Form({ campaign, etag, anew }: { campaign: Campaign; etag: string; anew: () => void }) {
  const words = useWords();
  const said = useSaid();
  const f = useFormat();
  const queries = useQueryClient();
  const form = useForm<Draft>({ initialValues: draftOf(campaign) });
  const [saved, setSaved] = useState(() => ({ text: JSON.stringify(draftOf(campaign)), at: campaign.updatedAt, etag }));
  const [settled] = useDebouncedValue(form.values, 500);
  const save = useMutation({
    mutationFn: async (d: Draft) => updateCampaign({ path: { id: campaign.id }, body: bodyOf(d), headers: { 'If-Match': saved.etag }, throwOnError: true }),
    onSuccess: async ({ data, response }, d) => {
      setSaved({ text: JSON.stringify(d), at: data.updatedAt, etag: response.headers.get('ETag') ?? '' });
      queries.setQueryData(getCampaignQueryKey({ path: { id: campaign.id } }), data);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listCampaigns', 'checkCampaign', 'previewMessage') });
    },
    onError: (error, d) => {
      // What was refused is not sent again before it changes.
      setSaved((before) => ({ ...before, text: JSON.stringify(d) }));
      const refusal = refusalOf(error);
      if (refusal.status === 412) anew();
      if (refusal.field in d) form.setFieldError(refusal.field, said(refusal));
      else tellFault(error);
    },
  });
  const { mutate, isPending } = save;
  const text = JSON.stringify(settled);
  useEffect(() => {
    if (text !== saved.text && !isPending && isWhole(settled) && settled.name.trim() !== '') mutate(settled);
  }, [text, saved.text, isPending, settled, mutate]);
  return (
    <Stack gap="xs" maw={640}>
      <Parts form={form} />
      <Text size="sm" c="dimmed" role="status">
        {isPending ? words.common.saving : words.common.savedAt(f.clock(saved.at))}
      </Text>
    </Stack>
  );
}
