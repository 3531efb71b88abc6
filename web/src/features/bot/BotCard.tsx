import { Anchor, Avatar, Button, Code, CopyButton, Group, NumberInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Bot } from '@/api/generated';
import { updateBotMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { tell, tellFault } from '@/ui/notice';
import { pauseIn } from '@/ui/pause';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { Disconnect } from './Disconnect';
import { Growth } from './Growth';

/** A bot: who it is, how many talk to it, how it is, and how systems reach its people. */
export function BotCard({ bot, connectAgain }: { bot: Bot; connectAgain: () => void }) {
  const words = useWords();
  const f = useFormat();
  const may = useMay('configure');
  const [opened, { open, close }] = useDisclosure(false);
  const curl = `curl -u me:KEY '${location.origin}/api/v1/apps/${bot.appUuid}/tokens' --json '{"tokens":[{"token":"501234567","contact":{"externalCustomerId":"C-1001"}}]}'`;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Group gap="sm">
            <Avatar name={bot.name} color="initials" radius="xl" />
            <div>
              <Title order={2}>{bot.name}</Title>
              <Anchor href={`https://t.me/${bot.username}`} size="sm" target="_blank" rel="noreferrer">
                @{bot.username}
              </Anchor>
            </div>
          </Group>
          <div>
            <Text ta="right" fw={600} size="lg">
              {f.number(bot.subscribers)}
            </Text>
            <Text ta="right" size="sm" c="dimmed">
              {words.bots.subscribers}
            </Text>
          </div>
        </Group>
        <Growth bot={bot} />
        <State bot={bot} connectAgain={may ? connectAgain : undefined} />
        <Copied label={words.bots.uuid} text={bot.appUuid} />
        <Copied label={`${words.bots.curl} (${words.bots.keyNeeded})`} text={curl} />
        {may && bot.state !== 'disconnected' && <Pace bot={bot} />}
        {may && bot.state !== 'disconnected' && (
          <div>
            <Button size="xs" variant="subtle" color="red" onClick={open}>
              {words.bots.disconnectGo}
            </Button>
            <Disconnect bot={bot} opened={opened} close={close} />
          </div>
        )}
      </Stack>
    </Paper>
  );
}

function State({ bot, connectAgain }: { bot: Bot; connectAgain?: () => void }) {
  const words = useWords();
  const f = useFormat();
  if (bot.state === 'paused' || bot.state === 'disconnected')
    return (
      <Group>
        <Status of={bot.state === 'paused' ? 'attention' : 'cancelled'}>{bot.state === 'paused' ? pauseIn(words, bot.stateReason ?? '', words.bots.paused) : words.bots.isDisconnected}</Status>
        {connectAgain && (
          <Button size="xs" variant="default" onClick={connectAgain}>
            {words.bots.connectAgain}
          </Button>
        )}
      </Group>
    );
  if (bot.pausedUntil) {
    const until = f.clock(bot.pausedUntil);
    return <Status of="attention">{bot.pausedReason === 'too_many_requests' ? words.bots.waits(until) : words.bots.unreachable(until)}</Status>;
  }
  return (
    <div>
      <Status of="active">{words.bots.active}</Status>
    </div>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  const words = useWords();
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="subtle" onClick={copy} aria-label={`${words.common.copy}: ${label}`}>
              {copied ? words.common.copied : words.common.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block tabIndex={0} fz="xs">
        {text}
      </Code>
    </div>
  );
}

function Pace({ bot }: { bot: Bot }) {
  const words = useWords();
  const queries = useQueryClient();
  const [pace, setPace] = useState<number | string>(bot.ratePerSecond ?? '');
  const save = useMutation({
    ...updateBotMutation(),
    onSuccess: async () => {
      tell(words.common.saved);
      await queries.invalidateQueries();
    },
    onError: tellFault,
  });
  const changed = (bot.ratePerSecond ?? '') !== pace;
  return (
    <Group align="flex-end" gap="xs">
      <NumberInput label={words.bots.pace} description={words.bots.paceHint} min={1} max={30} value={pace} onChange={setPace} w={240} />
      {changed && (
        <Button variant="default" loading={save.isPending} onClick={() => save.mutate({ path: { id: bot.id }, body: { ratePerSecond: Number(pace) || 0 } })}>
          {words.common.save}
        </Button>
      )}
    </Group>
  );
}
