import { Button, Group, Stepper, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { createMessageMutation, listBotsOptions, listCampaignsOptions, listMessagesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { ConnectBot } from '@/features/bot/ConnectBot';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { useWords } from '@/words/words';

/** The way to the first message: each step ticks itself by what there is. */
export function WelcomePage() {
  const words = useWords();
  const queries = useQueryClient();
  const bots = useQuery(listBotsOptions({ query: { limit: 100 } }));
  const messages = useQuery(listMessagesOptions({ query: { limit: 1 } }));
  const campaigns = useQuery(listCampaignsOptions({ query: { limit: 50, kind: 'broadcast' } }));
  const sample = useMutation({
    ...createMessageMutation(),
    onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listMessages') }),
    onError: tellFault,
  });
  const bot = bots.data?.items[0];
  const people = bots.data?.items.reduce((n, b) => n + b.subscribers, 0) ?? 0;
  const message = messages.data?.items[0];
  const sent = campaigns.data?.items.some((c) => c.launchedAt) ?? false;
  const w = words.welcome;
  const steps: { title: string; done: boolean; news: string; body: ReactNode }[] = [
    { title: w.bot, done: bot !== undefined, news: bot ? w.botDone(bot.name) : '', body: <ConnectBot done={() => undefined} /> },
    {
      title: w.people,
      done: people > 0,
      news: w.peopleDone(words.numbers.subscribers(people)),
      body: (
        <>
          <Text>{w.peopleLead}</Text>
          <Button component={Link} to="/contacts/import" variant="default">
            {w.peopleGo}
          </Button>
        </>
      ),
    },
    {
      title: w.message,
      done: message !== undefined,
      news: message ? w.messageDone(message.name) : '',
      body: (
        <Group>
          <Button component={Link} to="/messages/new">
            {w.messageGo}
          </Button>
          <Button variant="default" loading={sample.isPending} onClick={() => sample.mutate({ body: { name: w.sampleName, text: w.sampleText } })}>
            {w.messageSample}
          </Button>
        </Group>
      ),
    },
    {
      title: w.send,
      done: sent,
      news: w.sendDone,
      body: (
        <>
          <Text>{w.sendLead}</Text>
          <Button component={Link} to={message ? `/campaigns/new?messageId=${message.id}` : '/campaigns/new'}>
            {w.sendGo}
          </Button>
        </>
      ),
    },
  ];
  const known = bots.isSuccess && messages.isSuccess && campaigns.isSuccess;
  const next = steps.findIndex((s) => !s.done);
  return (
    <>
      <PageHeader title={w.title}>
        <Button component={Link} to="/" variant="subtle">
          {next < 0 ? w.home : w.skip}
        </Button>
      </PageHeader>
      <Text mb="lg">{next < 0 && known ? w.all : w.lead}</Text>
      {known && (
        <Stepper active={next < 0 ? steps.length : next} orientation="vertical" maw={640}>
          {steps.map((s, i) => (
            <Stepper.Step key={s.title} label={s.title} description={s.done ? <span>{s.news}</span> : i === next ? <Step>{s.body}</Step> : undefined} completedIcon={undefined} />
          ))}
        </Stepper>
      )}
    </>
  );
}

function Step({ children }: { children: ReactNode }) {
  return <Group mt="sm">{children}</Group>;
}
