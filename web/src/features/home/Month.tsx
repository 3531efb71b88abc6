import { SimpleGrid, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { reportStatsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bars } from '@/ui/Bars';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import classes from './Month.module.css';

const sums = ['sent', 'failed', 'clicked', 'subscribed', 'left'] as const;

/** The last thirty days: their sums, and what was sent on each. */
export function Month() {
  const words = useWords();
  const f = useFormat();
  const stats = useQuery(reportStatsOptions({ query: { interval: 'day', timeZone: f.zone } }));
  const days = stats.data?.items;
  if (!days) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.home.days}
      </Title>
      <SimpleGrid cols={{ base: 2, sm: 5 }} mb="md">
        {sums.map((s) => (
          <div key={s}>
            <Text size="xl" fw={600} className={classes.number}>
              {f.number(days.reduce((n, d) => n + d[s], 0))}
            </Text>
            <Text size="sm" c="dimmed">
              {words.home[s]}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Bars title={words.home.chart} bars={days.map((d) => ({ key: d.from, label: f.day(d.from), value: d.sent, shown: f.number(d.sent) }))} />
    </section>
  );
}
