import { Group, Progress, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Part } from '@/api/generated';
import { reportCampaignPartsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { languageName } from '@/lib/languageName';
import { tones } from '@/theme';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { useLanguage, useWords } from '@/words/words';
import { Door } from './Door';
import { type PeopleFilter, unknownLanguage } from './people';

/** What became of a campaign's recipients by language or group, once somebody asks for it. */
export function Divided({ campaignId }: { campaignId: number }) {
  const words = useWords();
  const by = useSearch({ from: '/campaigns/$id' }).by;
  const navigate = useNavigate({ from: '/campaigns/$id' });
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{words.campaigns.divided}</Title>
        <SegmentedControl
          size="xs"
          aria-label={words.campaigns.divided}
          value={by ?? ''}
          onChange={(to) => void navigate({ search: (s) => ({ ...s, by: to === 'language' || to === 'group' ? to : undefined }), replace: true, hashScrollIntoView: false })}
          data={[{ value: '', label: words.campaigns.undivided }, { value: 'language', label: words.campaigns.byLanguage }, { value: 'group', label: words.campaigns.byGroup }]}
        />
      </Group>
      {by && <Divisions campaignId={campaignId} by={by} />}
    </section>
  );
}

function Divisions({ campaignId, by }: { campaignId: number; by: 'language' | 'group' }) {
  const words = useWords();
  const f = useFormat();
  const parts = useQuery({ ...reportCampaignPartsOptions({ path: { id: campaignId }, query: { by } }), placeholderData: undefined });
  if (parts.error && !parts.data) return <Fault error={parts.error} retry={() => void parts.refetch()} />;
  if (!parts.data) return <Text c="dimmed">{words.common.loading}</Text>;
  const { items, about } = parts.data;
  if (items.length === 0) return <Text c="dimmed">{words.campaigns.noParts}</Text>;
  const most = Math.max(...items.map((p) => p.recipients), 1);
  const number = (n: number) => (about && n > 0 ? words.common.about(f.number(n)) : f.number(n));
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={480} type="native">
        <Table aria-label={by === 'language' ? words.campaigns.byLanguage : words.campaigns.byGroup}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{by === 'language' ? words.campaigns.language : words.campaigns.group}</Table.Th>
              <Table.Th ta="right">{words.campaigns.clickers}</Table.Th>
              <Table.Th ta="right">{words.campaigns.statuses.sent}</Table.Th>
              <Table.Th ta="right">{words.campaigns.statuses.failed}</Table.Th>
              <Table.Th ta="right">{words.home.clicked}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((p) => {
              const filter: PeopleFilter = by === 'language' ? { language: p.languageCode ?? unknownLanguage } : { groupId: p.groupId };
              return (
                <Table.Tr key={p.groupId ?? p.languageCode ?? ''}>
                  <Table.Td>
                    <Name part={p} by={by} />
                    <Progress value={(p.recipients / most) * 100} size="xs" color={tones.plain} aria-hidden />
                  </Table.Td>
                  <Counted n={p.recipients} filter={filter} shown={number(p.recipients)} />
                  <Counted n={p.sent} filter={{ ...filter, status: 'sent' }} shown={number(p.sent)} share={f.share(p.sent, p.recipients)} />
                  <Counted n={p.failed} filter={{ ...filter, status: 'failed' }} shown={number(p.failed)} share={f.share(p.failed, p.recipients)} />
                  <Counted n={p.clicked} filter={{ ...filter, clicked: true }} shown={number(p.clicked)} share={f.share(p.clicked, p.sent)} />
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {by === 'language' ? words.campaigns.languageMeans : words.campaigns.groupMeans} {about && words.campaigns.partsAbout}
      </Text>
    </Stack>
  );
}

function Name({ part, by }: { part: Part; by: 'language' | 'group' }) {
  const words = useWords();
  const { language } = useLanguage();
  if (by === 'group') return <>{part.groupName}</>;
  return <>{part.languageCode ? languageName(part.languageCode, language) : words.campaigns.noLanguage}</>;
}

/** A number with its share; the people are behind it. */
function Counted({ n, filter, shown, share }: { n: number; filter: PeopleFilter; shown: string; share?: string }) {
  return (
    <Table.Td ta="right">
      {n > 0 ? (
        <Door filter={filter}>{shown}</Door>
      ) : (
        shown
      )}
      {share && (
        <Text size="xs" c="dimmed">
          {share}
        </Text>
      )}
    </Table.Td>
  );
}
