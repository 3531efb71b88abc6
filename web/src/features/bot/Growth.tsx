import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { reportStatsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

/** How many people have come to a bot, and left it, in the last thirty days. */
export function Growth({ botId }: { botId: number }) {
  const words = useWords();
  const f = useFormat();
  const stats = useQuery(reportStatsOptions({ query: { interval: 'total', botId } }));
  const sum = stats.data?.items[0];
  if (!sum) return null;
  return (
    <Text size="sm" c="dimmed">
      {words.bots.growth(f.number(sum.subscribed), f.number(sum.left))}
    </Text>
  );
}
