import { SimpleGrid, Table, Text, Title, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { reportStatsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import classes from './Month.module.css';

const sums = ['sent', 'failed', 'clicked', 'subscribed', 'left'] as const;

/** The last thirty days: their sums, and what was sent on each. */
export function Month() {
  const words = useWords();
  const f = useFormat();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const stats = useQuery(reportStatsOptions({ query: { interval: 'day', timeZone: zone } }));
  const days = stats.data?.items;
  if (!days) return null;
  const highest = Math.max(1, ...days.map((d) => d.sent));
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
      <svg className={classes.chart} viewBox={`0 0 ${days.length * 10} 60`} preserveAspectRatio="none" role="img" aria-label={words.home.chart}>
        {days.map((d, i) => {
          const h = d.sent > 0 ? Math.max(1.5, (d.sent / highest) * 56) : 0.5;
          return (
            <rect key={d.from} x={i * 10 + 1} y={60 - h} width={8} height={h} className={d.sent > 0 ? classes.bar : classes.none}>
              <title>{`${f.day(d.from)}: ${f.number(d.sent)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={classes.axis}>
        <Text size="xs" c="dimmed">
          {f.day(days[0]?.from ?? new Date())}
        </Text>
        <Text size="xs" c="dimmed">
          {f.day(days.at(-1)?.from ?? new Date())}
        </Text>
      </div>
      <VisuallyHidden>
        <Table>
          <caption>{words.home.chart}</caption>
          <Table.Tbody>
            {days.map((d) => (
              <Table.Tr key={d.from}>
                <Table.Th scope="row">{f.day(d.from)}</Table.Th>
                <Table.Td>{f.number(d.sent)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </section>
  );
}
