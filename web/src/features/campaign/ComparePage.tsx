import { Anchor, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Campaign, CampaignReport } from '@/api/generated';
import { getCampaignOptions, reportCampaignOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { PageHeader } from '@/ui/PageHeader';
import { reasonIn } from '@/ui/reason';
import { useWords } from '@/words/words';
import { CampaignPicker } from './CampaignPicker';
import { Figures } from './Figures';
import { outcomesOf, reasonsOf } from './comparison';

/** Two campaigns side by side. */
export function ComparePage() {
  const words = useWords();
  const { a, b } = useSearch({ from: '/campaigns/compare' });
  const navigate = useNavigate({ from: '/campaigns/compare' });
  const one = useReported(a);
  const other = useReported(b);
  const error = one.error ?? other.error;
  return (
    <>
      <PageHeader title={words.campaigns.compare} />
      <Stack gap="xl">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <CampaignPicker label={words.campaigns.first} value={one.campaign} onChange={(id) => void navigate({ search: (s) => ({ ...s, a: id }), replace: true })} />
          <CampaignPicker label={words.campaigns.second} value={other.campaign} onChange={(id) => void navigate({ search: (s) => ({ ...s, b: id }), replace: true })} />
        </SimpleGrid>
        {error && <Fault error={error} retry={() => [one, other].forEach((r) => r.retry())} />}
        {!error && (!a || !b) && <Text c="dimmed">{words.campaigns.compareLead}</Text>}
        {one.campaign && other.campaign && one.report && other.report
          ? <Beside a={one.campaign} b={other.campaign} reportA={one.report} reportB={other.report} />
          : a && b && !error && <Skeleton height={200} />}
      </Stack>
    </>
  );
}

/** A campaign with its report, once it is chosen. */
function useReported(id: number | undefined) {
  const campaign = useQuery({ ...getCampaignOptions({ path: { id: id ?? 0 } }), enabled: id !== undefined });
  const report = useQuery({ ...reportCampaignOptions({ path: { id: id ?? 0 } }), enabled: id !== undefined });
  return {
    campaign: campaign.data,
    report: report.data,
    error: campaign.error ?? report.error,
    retry: () => {
      void campaign.refetch();
      void report.refetch();
    },
  };
}

function Beside({ a, b, reportA, reportB }: { a: Campaign; b: Campaign; reportA: CampaignReport; reportB: CampaignReport }) {
  const words = useWords();
  const f = useFormat();
  const head = (c: Campaign) => (
    <>
      <Anchor component={Link} to={`/campaigns/${c.id}`} size="sm">
        {c.name}
      </Anchor>
      <Text size="xs" c="dimmed">
        {c.launchedAt && f.time(c.launchedAt)}
      </Text>
      <Text size="xs" c="dimmed">
        {words.numbers.people(c.counts.recipients)}
      </Text>
    </>
  );
  const names = { clicked: words.home.clicked, left: words.campaigns.goneWith, ...words.campaigns.statuses };
  return (
    <>
      <section>
        <Title order={2} mb="xs">
          {words.campaigns.sum}
        </Title>
        <Figures label={words.campaigns.sum} a={head(a)} b={head(b)} figures={outcomesOf(a, b, reportA, reportB).map((o) => ({ ...o, name: names[o.key] }))} />
        <Text size="xs" c="dimmed" mt="xs">
          {words.campaigns.sharesMean} {words.common.dateIn(f.zone)}
        </Text>
      </section>
      <section>
        <Title order={2} mb="xs">
          {words.campaigns.reasons}
        </Title>
        <Figures label={words.campaigns.reasons} a={a.name} b={b.name} figures={reasonsOf(a, b, reportA, reportB).map((r) => ({ ...r, name: reasonIn(words, r.reason) }))} />
      </section>
    </>
  );
}
