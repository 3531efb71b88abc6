import { Button, Collapse, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { Bot } from '@/api/generated';
import { reportStatsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bars } from '@/ui/Bars';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { daysOf } from './days';

/** How many people have come to a bot, and left it, in the last thirty days, and on each of them. */
export function Growth({ bot }: { bot: Bot }) {
  const words = useWords();
  const f = useFormat();
  const [opened, { toggle }] = useDisclosure(false);
  const stats = useQuery(reportStatsOptions({ query: { interval: 'day', botId: bot.id, timeZone: f.zone } }));
  if (!stats.data) return null;
  const days = daysOf(stats.data.items, bot.subscribers);
  const sum = (of: 'came' | 'left') => f.number(days.reduce((n, d) => n + d[of], 0));
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {words.bots.growth(sum('came'), sum('left'))}
      </Text>
      <Bars
        title={words.bots.growthByDay}
        bars={days.map((d) => ({ key: d.from, label: f.day(d.from), value: d.came, shown: words.bots.growthOf(f.number(d.came), f.number(d.left), f.number(d.there)) }))}
      />
      <div>
        <Button size="compact-xs" variant="subtle" onClick={toggle} aria-expanded={opened}>
          {words.bots.asTable}
        </Button>
      </div>
      <Collapse expanded={opened}>
        <Table aria-label={words.bots.growthByDay}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.bots.day}</Table.Th>
              <Table.Th ta="right">{words.bots.came}</Table.Th>
              <Table.Th ta="right">{words.bots.went}</Table.Th>
              <Table.Th ta="right">{words.bots.atEnd}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {days.toReversed().map((d) => (
              <Table.Tr key={d.from}>
                <Table.Th scope="row" fw={400}>
                  {f.day(d.from)}
                </Table.Th>
                <Table.Td ta="right">{f.number(d.came)}</Table.Td>
                <Table.Td ta="right">{f.number(d.left)}</Table.Td>
                <Table.Td ta="right">{f.number(d.there)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Collapse>
      <Text size="xs" c="dimmed">
        {words.common.dateIn(f.zone)}
      </Text>
    </Stack>
  );
}
