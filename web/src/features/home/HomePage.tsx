import { Anchor, Button, Group, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Bot, Campaign } from '@/api/generated';
import { listBotsOptions, listCampaignsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { nameIn, statusIn } from '@/ui/action';
import { EmptyState } from '@/ui/EmptyState';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { PageHeader } from '@/ui/PageHeader';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { Month } from './Month';

/** What goes out now, what waits, what needs a hand, and how the last month was. */
export function HomePage() {
  const words = useWords();
  const may = useMay('write');
  const campaigns = useQuery(listCampaignsOptions({ query: { limit: 50, kind: 'broadcast' } }));
  const bots = useQuery(listBotsOptions({ query: { limit: 100 } }));
  if (campaigns.error && !campaigns.data) return <Fault page error={campaigns.error} retry={() => void campaigns.refetch()} />;
  const broadcasts = campaigns.data?.items ?? [];
  const going = broadcasts.filter((c) => c.state === 'launching' || c.state === 'sending');
  const waiting = broadcasts.filter((c) => c.state === 'scheduled');
  const hands = <Hands campaigns={broadcasts} bots={bots.data?.items ?? []} />;
  const young = campaigns.isSuccess && broadcasts.length === 0;
  return (
    <>
      <PageHeader title={words.home.title}>
        {young && (
          <Button component={Link} to="/welcome" variant="default">
            {words.home.welcome}
          </Button>
        )}
        {may && (
          <Button component={Link} to="/campaigns/new" leftSection={<IconSend size={16} aria-hidden />}>
            {words.home.newCampaign}
          </Button>
        )}
      </PageHeader>
      <Stack gap="xl">
        {hands}
        <section>
          <Title order={2} mb="xs">
            {words.home.now}
          </Title>
          {going.length === 0 ? <Text c="dimmed">{words.home.nothingNow}</Text> : going.map((c) => <Going key={c.id} campaign={c} />)}
        </section>
        {waiting.length > 0 && (
          <section>
            <Title order={2} mb="xs">
              {words.home.waits}
            </Title>
            <Campaigns of={waiting} />
          </section>
        )}
        <Month />
        <section>
          <Title order={2} mb="xs">
            {words.home.recent}
          </Title>
          {young ? (
            <EmptyState icon={<IconSend size={32} stroke={1.2} aria-hidden />} action={may && <Button component={Link} to="/welcome">{words.home.welcome}</Button>}>
              {words.home.noCampaigns}
            </EmptyState>
          ) : (
            <Campaigns of={broadcasts.slice(0, 8)} />
          )}
        </section>
      </Stack>
    </>
  );
}

function Going({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  return (
    <Stack gap={4} py="xs">
      <Group justify="space-between">
        <Anchor component={Link} to={`/campaigns/${c.id}`}>
          {nameIn(words, c)}
        </Anchor>
        <Text size="sm" c="dimmed">
          {f.number(c.counts.sent)} / {f.number(c.counts.recipients)} · {words.numbers.perSecond(f.fraction(c.progress.ratePerSecond))}
          {c.progress.etaSeconds !== undefined && ` · ${words.campaigns.left(f.span(c.progress.etaSeconds))}`}
        </Text>
      </Group>
      <Progress value={c.progress.percent} aria-label={c.name} size="sm" />
    </Stack>
  );
}

function Campaigns({ of }: { of: Campaign[] }) {
  const words = useWords();
  const f = useFormat();
  return (
    <Table>
      <Table.Tbody>
        {of.map((c) => (
          <Table.Tr key={c.id}>
            <Table.Td>
              <Anchor component={Link} to={`/campaigns/${c.id}`}>
                {nameIn(words, c)}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <Status of={c.state}>{words.campaigns.states[c.state]}</Status>
            </Table.Td>
            <Table.Td ta="right">{c.scheduledAt ? f.time(c.scheduledAt) : c.launchedAt && `${f.number(c.counts.sent)} ${statusIn(words, c.action, 'sent').toLowerCase()}`}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What does not go on by itself, each with where to mend it. */
function Hands({ campaigns, bots }: { campaigns: Campaign[]; bots: Bot[] }) {
  const words = useWords();
  const stopped = campaigns.filter((c) => c.state === 'paused');
  const refused = bots.filter((b) => b.state === 'paused');
  if (stopped.length + refused.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="xs">
        {words.home.hand}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {refused.map((b) => (
          <Group key={`b${b.id}`} justify="space-between" wrap="nowrap">
            <Text size="sm">
              {b.name}: {words.bots.paused}
            </Text>
            <Button component={Link} to="/bots" variant="default" size="xs" flex="none">
              {words.bots.connectAgain}
            </Button>
          </Group>
        ))}
        {stopped.map((c) => (
          <Group key={c.id} justify="space-between" wrap="nowrap">
            <Text size="sm">
              {c.name}: {words.campaigns.states.paused}
              {c.stateDetail && `, ${c.stateDetail}`}
            </Text>
            <Button component={Link} to={`/campaigns/${c.id}`} variant="default" size="xs" flex="none">
              {words.campaigns.resume}
            </Button>
          </Group>
        ))}
      </SimpleGrid>
    </section>
  );
}
