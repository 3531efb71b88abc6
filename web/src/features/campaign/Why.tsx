import { Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Campaign, CampaignReport } from '@/api/generated';
import { reportCampaignOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bars } from '@/ui/Bars';
import { useFormat } from '@/ui/format';
import { reasonIn } from '@/ui/reason';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { Door } from './Door';
import { Figures } from './Figures';
import { hoursOf } from './hours';

/** How a campaign went beside those before it, when people clicked, and why some did not get it. */
export function Why({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const report = useQuery(reportCampaignOptions({ path: { id: c.id } }));
  if (!report.data) return null;
  const { reasons, previous, clicks } = report.data;
  return (
    <>
      {previous && c.counts.recipients > 0 && (
        <section>
          <Title order={2} mb="xs">
            {words.campaigns.beside}
          </Title>
          <Figures
            label={words.campaigns.beside}
            a={words.campaigns.thisOne}
            b={words.campaigns.lastOnes(previous.campaigns)}
            figures={[
              { key: 'clicked', name: words.home.clicked, a: c.counts.sent > 0 ? c.counts.clicked / c.counts.sent : undefined, b: previous.clicked },
              { key: 'sent', name: words.campaigns.statuses.sent, a: c.counts.sent / c.counts.recipients, b: previous.sent },
              { key: 'failed', name: words.campaigns.statuses.failed, a: c.counts.failed / c.counts.recipients, b: previous.failed },
            ]}
          />
        </section>
      )}
      {clicks.length > 0 && <Clicks report={report.data} />}
      {reasons.length > 0 && <Reasons action={c.action} report={report.data} />}
    </>
  );
}

/** Why some did not get it; each number opens those people. */
function Reasons({ action, report: { reasons, about, left } }: { action: Campaign['action']; report: CampaignReport }) {
  const words = useWords();
  const f = useFormat();
  const number = (n: number) => (about ? words.common.about(f.number(n)) : f.number(n));
  return (
    <section>
      <Title order={2} mb="xs">
        {action === 'send' ? words.campaigns.reasons : words.campaigns.reasonsOfChange}
      </Title>
      <Stack gap="xs">
        <Table>
          <Table.Tbody>
            {reasons.map((r) => (
              <Table.Tr key={`${r.status}/${r.reason}`}>
                <Table.Td w={80} ta="right">
                  <Door filter={{ status: r.status, reason: [r.reason] }}>{number(r.count)}</Door>
                </Table.Td>
                <Table.Td>
                  <Group gap="xs">
                    <Status of={r.status}>{words.campaigns.statuses[r.status]}</Status>
                    {reasonIn(words, r.reason)}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {left > 0 && (
          <Door filter={{ status: 'failed', reason: reasons.filter((r) => r.left).map((r) => r.reason) }}>{words.campaigns.leftBecause(left)}</Door>
        )}
      </Stack>
    </section>
  );
}

/** When people clicked, and when each of them did for the first time. */
function Clicks({ report }: { report: CampaignReport }) {
  const words = useWords();
  const f = useFormat();
  const hours = hoursOf(report.clicks);
  const bars = (of: 'clicks' | 'people') => hours.map((h) => ({ key: h.from, label: f.time(h.from), value: h[of], shown: f.number(h[of]) }));
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.clicksByHour}
      </Title>
      <Bars title={words.campaigns.clicksByHour} bars={bars('clicks')} clicked />
      <Title order={2} mb="xs" mt="md">
        {words.campaigns.firstClicksByHour}
      </Title>
      <Bars title={words.campaigns.firstClicksByHour} bars={bars('people')} clicked />
      <Text size="xs" c="dimmed">
        {words.campaigns.firstClicksMean} {words.common.dateIn(f.zone)}
      </Text>
    </section>
  );
}
