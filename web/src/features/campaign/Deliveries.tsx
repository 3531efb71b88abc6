import { Anchor, Chip, Group, Stack, Text, Title } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Campaign, listDeliveries, type ListedDelivery } from '@/api/generated';
import { statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { called } from '@/ui/PersonPicker';
import { usePages } from '@/ui/pages';
import { reasonIn } from '@/ui/reason';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

const statuses = ['sent', 'failed', 'skipped', 'unknown', 'queued'] as const;
type Wanted = (typeof statuses)[number] | 'sending';

/** Who got what. */
export function Deliveries({ campaign }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const status = useSearch({ from: '/campaigns/$id' }).status as Wanted | undefined;
  const navigate = useNavigate({ from: '/campaigns/$id' });
  const pages = usePages(
    ['listDeliveries', campaign.id, status],
    async (cursor, signal) => (await listDeliveries({ path: { id: campaign.id }, query: { status, cursor, limit: 100 }, signal, throwOnError: true })).data,
  );
  const columns: Column<ListedDelivery>[] = [
    {
      key: 'who',
      title: words.campaigns.person,
      cell: (d) =>
        d.contactId ? (
          <Anchor component={Link} to={`/contacts/${d.contactId}`} size="sm">
            {d.contact ? called(d.contact, words) : words.contacts.unnamed(d.contactId)}
          </Anchor>
        ) : (
          d.chatId
        ),
    },
    { key: 'status', title: words.common.status, cell: (d) => <Status of={d.status}>{statusIn(words, campaign.action, d.status)}</Status> },
    { key: 'reason', title: words.campaigns.reason, wide: true, cell: (d) => reasonIn(words, d.reason, d.detail) },
    { key: 'clicked', title: words.home.clicked, wide: true, cell: (d) => (d.clickedAt ? f.time(d.clickedAt) : '') },
    { key: 'settled', title: words.campaigns.settled, right: true, cell: (d) => (d.settledAt ? f.time(d.settledAt) : '') },
  ];
  return (
    <section>
      <Title order={2} mb="xs">
        {words.campaigns.who}
      </Title>
      <Stack>
        <Chip.Group value={status ?? ''} onChange={(s) => void navigate({ search: { status: String(s) || undefined }, replace: true })}>
          <Group gap="xs" role="group" aria-label={words.common.status}>
            <Chip value="" size="xs">
              {words.common.all}
            </Chip>
            {statuses.map((s) => (
              <Chip key={s} value={s} size="xs">
                {statusIn(words, campaign.action, s)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Listing label={words.campaigns.who} columns={columns} {...pages} id={(d) => `${d.chatId}/${d.contactId}`} empty={<Text c="dimmed">{words.campaigns.noDeliveries}</Text>} />
      </Stack>
    </section>
  );
}
