import { Anchor, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Campaign, ClickHour } from '@/api/generated';
import { reportCampaignOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bars } from '@/ui/Bars';
import { useFormat } from '@/ui/format';
import { reasonIn } from '@/ui/reason';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { hoursOf } from './hours';

/** Why some did not get a campaign, when people clicked, and how it went beside those before it. */
export function Why({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const report = useQuery(reportCampaignOptions({ path: { id: c.id } }));
  if (!report.data) return null;
  const { reasons, about, left, previous, clicks } = report.data;
  const number = (n: number) => (about ? words.common.about(f.number(n)) : f.number(n));
  return (
    <>
      {previous && (
        <Text size="sm" c="dimmed">
          {words.campaigns.compared(f.share(previous.sent, 1), f.share(previous.clicked, 1), previous.campaigns)}
        </Text>
      )}
      {clicks.length > 0 && <Clicks clicks={clicks} />}
      {reasons.length > 0 && (
        <section>
          <Title order={2} mb="xs">
            {c.action === 'send' ? words.campaigns.reasons : words.campaigns.reasonsOfChange}
          </Title>
          <Stack gap="xs">
            <Table>
              <Table.Tbody>
                {reasons.map((r) => (
                  <Table.Tr key={`${r.status}/${r.reason}`}>
                    <Table.Td w={80} ta="right">
                      <Anchor component={Link} to={`/campaigns/${c.id}?status=${r.status}`} size="sm">
                        {number(r.count)}
                      </Anchor>
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
            {left > 0 && <Text size="sm">{words.campaigns.leftBecause(left)}</Text>}
          </Stack>
        </section>
      )}
    </>
  );
}

function Clicks({ clicks }: { clicks: ClickHour[] }) {
  const words = useWords();
  const f = useFormat();
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.clicksByHour}
      </Title>
      <Bars title={words.campaigns.clicksByHour} bars={hoursOf(clicks).map((h) => ({ key: h.from, label: f.time(h.from), value: h.clicks, shown: f.number(h.clicks) }))} clicked />
    </section>
  );
}
