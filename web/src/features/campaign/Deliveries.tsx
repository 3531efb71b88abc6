import { Anchor, Button, Chip, Group, Pill, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Campaign, listDeliveries, type ListedDelivery } from '@/api/generated';
import { getGroupOptions, listLinksOptions } from '@/api/generated/@tanstack/react-query.gen';
import { languageName } from '@/lib/languageName';
import { statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { called } from '@/ui/PersonPicker';
import { usePages } from '@/ui/pages';
import { reasonIn } from '@/ui/reason';
import { Status } from '@/ui/Status';
import { useLanguage, useWords } from '@/words/words';
import { asked, fileOf, type PeopleFilter, peopleFilter, unknownLanguage } from './people';

const statuses = ['sent', 'failed', 'skipped', 'unknown', 'queued'] as const;

/** Who got what: all of them, or those behind a number of the report. */
export function Deliveries({ campaign }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const filter = peopleFilter(useSearch({ from: '/campaigns/$id' }) as Record<string, unknown>);
  const navigate = useNavigate({ from: '/campaigns/$id' });
  const narrow = (change: Partial<PeopleFilter>) => void navigate({ search: (s) => ({ ...s, ...filter, ...change }), replace: true, hashScrollIntoView: false });
  const pages = usePages(
    ['listDeliveries', campaign.id, filter],
    async (cursor, signal) => (await listDeliveries({ path: { id: campaign.id }, query: { ...asked(filter), cursor, limit: 100 }, signal, throwOnError: true })).data,
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
    <section id="people">
      <Group justify="space-between" mb="xs">
        <Title order={2}>{words.campaigns.who}</Title>
        <Button component="a" href={fileOf(campaign.id, 'deliveries.csv', f.zone, filter)} download variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />}>
          {words.campaigns.csvPeople}
        </Button>
      </Group>
      <Stack>
        <Group gap="xs">
          <Chip.Group value={filter.status ?? ''} onChange={(s) => narrow({ status: statuses.find((known) => known === s), reason: undefined })}>
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
          <Chip size="xs" checked={Boolean(filter.clicked)} onChange={(on) => narrow({ clicked: on || undefined, link: undefined })}>
            {words.home.clicked}
          </Chip>
        </Group>
        <Narrowed campaignId={campaign.id} filter={filter} narrow={narrow} />
        <Listing label={words.campaigns.who} columns={columns} {...pages} id={(d) => `${d.chatId}/${d.contactId}`} empty={<Text c="dimmed">{words.campaigns.noDeliveries}</Text>} />
      </Stack>
    </section>
  );
}

/** The filters that have no chip of their own, each of which can be taken off. */
function Narrowed({ campaignId, filter, narrow }: { campaignId: number; filter: PeopleFilter; narrow: (change: Partial<PeopleFilter>) => void }) {
  const words = useWords();
  const { language } = useLanguage();
  const links = useQuery({ ...listLinksOptions({ path: { id: campaignId } }), enabled: filter.link !== undefined });
  const group = useQuery({ ...getGroupOptions({ path: { id: filter.groupId ?? 0 } }), enabled: filter.groupId !== undefined });
  const followed = links.data?.items.find((l) => l.link === filter.link);
  const shown: [string, string, () => void][] = [];
  for (const r of filter.reason ?? [])
    shown.push([`reason ${r}`, reasonIn(words, r), () => narrow({ reason: filter.reason && filter.reason.length > 1 ? filter.reason.filter((other) => other !== r) : undefined })]);
  if (filter.link !== undefined) shown.push(['link', `${words.campaigns.link}: ${followed?.button ?? followed?.target ?? filter.link + 1}`, () => narrow({ link: undefined })]);
  if (filter.language !== undefined)
    shown.push(['language', filter.language === unknownLanguage ? words.campaigns.noLanguage : languageName(filter.language, language), () => narrow({ language: undefined })]);
  if (filter.groupId !== undefined) shown.push(['group', group.data?.name ?? `${words.campaigns.group} ${filter.groupId}`, () => narrow({ groupId: undefined })]);
  if (shown.length === 0) return null;
  return (
    <Pill.Group>
      {shown.map(([key, label, remove]) => (
        <Pill key={key} withRemoveButton onRemove={remove} removeButtonProps={{ 'aria-label': words.campaigns.takeOff(label), 'aria-hidden': false, tabIndex: 0 }}>
          {label}
        </Pill>
      ))}
    </Pill.Group>
  );
}
