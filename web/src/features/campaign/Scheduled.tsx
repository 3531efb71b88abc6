import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Campaign } from '@/api/generated';
import { checkCampaignOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { Ready } from './Ready';

/** A campaign that waits for its time: when it goes out, from whom, and whom it reaches as things are now. */
export function Scheduled({ campaign: c, at }: { campaign: Campaign; at: string }) {
  const words = useWords();
  const f = useFormat();
  const check = useQuery(checkCampaignOptions({ path: { id: c.id } }));
  return (
    <Stack gap="xs">
      <Text fw={600}>{words.campaigns.scheduledFor(f.time(at))}</Text>
      <Text size="sm" c="dimmed">
        @{c.botUsername}
      </Text>
      {check.data && <Ready campaign={c} check={check.data} />}
    </Stack>
  );
}
