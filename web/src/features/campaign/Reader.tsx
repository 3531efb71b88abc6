import { Anchor, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Campaign, listDeliveries, previewMessage } from '@/api/generated';
import { getMessageOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bubble, seenOf } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';

/** What its readers see of a campaign: as the first of them, once there is one. */
export function Reader({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const may = useMay('write');
  const dark = useComputedColorScheme() === 'dark';
  const message = useQuery({ ...getMessageOptions({ path: { id: c.messageId } }), enabled: may });
  const first = useQuery({
    queryKey: ['listDeliveries', c.id, 'first'],
    queryFn: async ({ signal }) => (await listDeliveries({ path: { id: c.id }, query: { limit: 1 }, signal, throwOnError: true })).data.items[0]?.contactId ?? null,
    enabled: may && c.counts.recipients > 0 && !c.forgottenAt,
  });
  const shown = useQuery({
    queryKey: ['previewMessage', c.messageId, first.data],
    queryFn: async ({ signal }) => (await previewMessage({ path: { id: c.messageId }, body: { contactId: first.data ?? undefined }, signal, throwOnError: true })).data,
    enabled: may,
    retry: false,
  });
  if (!shown.data) return null;
  return (
    <Stack gap="xs" component="aside">
      <Title order={2}>{words.messages.preview}</Title>
      <Bubble seen={seenOf(shown.data.method, shown.data.parameters)} dark={dark} time={f.clock(c.launchedAt ?? c.scheduledAt ?? new Date())} />
      {message.data && (
        <Text size="sm">
          <Anchor component={Link} to={`/messages/${c.messageId}`}>
            {message.data.name}
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
