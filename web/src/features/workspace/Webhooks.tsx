import { Alert, Anchor, Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Webhook } from '@/api/generated';
import {
  createWebhookMutation, deleteWebhookMutation, listWebhooksOptions, probeWebhookMutation, rotateWebhookSecretMutation, updateWebhookMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { Refusal, refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tell, tellFault } from '@/ui/notice';
import { pauseIn } from '@/ui/pause';
import { useSaid } from '@/ui/said';
import { Status } from '@/ui/Status';
import { useWords, type Words } from '@/words/words';
import { useConfirmed } from '@/ui/useConfirmed';
import { sayPost, WebhookLog } from './WebhookLog';

/** The systems that are told what became of messages. */
export function Webhooks() {
  const words = useWords();
  const [open, { open: show, close }] = useDisclosure(false);
  const hooks = useQuery(listWebhooksOptions({ query: { limit: 100 } }));
  const { attempt, dialog } = useConfirmed();
  const again = () => void hooks.refetch();
  if (hooks.error && !hooks.data) return <Fault error={hooks.error} retry={again} />;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text c="dimmed">{words.settings.webhooksLead}</Text>
        <Button onClick={show}>{words.settings.newWebhook}</Button>
      </Group>
      {hooks.data?.items.map((h) => (
        <Hook key={h.id} hook={h} again={again} attempt={attempt} />
      ))}
      <Modal opened={open} onClose={close} title={words.settings.newWebhook} closeButtonProps={{ 'aria-label': words.common.close }}>
        <Create
          attempt={attempt}
          done={() => {
            close();
            again();
          }}
        />
      </Modal>
      {dialog}
    </Stack>
  );
}

type Attempt = (act: () => Promise<unknown>) => void;

function Hook({ hook: h, again, attempt }: { hook: Webhook; again: () => void; attempt: Attempt }) {
  const words = useWords();
  const f = useFormat();
  const [secret, setSecret] = useState('');
  const [log, setLog] = useState(false);
  const path = { id: h.id };
  const seen = { onSuccess: again };
  const update = useMutation({ ...updateWebhookMutation(), ...seen });
  const remove = useMutation({ ...deleteWebhookMutation(), ...seen });
  const rotate = useMutation({ ...rotateWebhookSecretMutation(), onSuccess: (s) => setSecret(s.secret) });
  const probe = useMutation({
    ...probeWebhookMutation(),
    onSuccess: (answer) => (answer.ok ? tell(words.settings.probeGood) : tellFault(new Refusal(422, 'webhook_unreachable', answer.error ?? ''))),
    onError: tellFault,
  });
  const news = newsOf(words, f, h);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="sm">
          <Text fw={600}>{h.name}</Text>
          <Status of={h.state === 'paused' ? 'paused' : h.lastError ? 'attention' : 'active'}>{h.state === 'paused' ? words.campaigns.states.paused : h.lastError ? words.settings.failing : words.bots.active}</Status>
        </Group>
        <Group gap="xs">
          <Button size="xs" variant="default" loading={probe.isPending} onClick={() => probe.mutate({ path })}>
            {words.settings.probe}
          </Button>
          <Button size="xs" variant="default" onClick={() => setLog(!log)} aria-expanded={log}>
            {words.settings.log}
          </Button>
          <Button size="xs" variant="default" onClick={() => attempt(() => rotate.mutateAsync({ path }))}>
            {words.settings.newSecret}
          </Button>
          <Button size="xs" variant="default" onClick={() => attempt(() => update.mutateAsync({ path, body: { state: h.state === 'paused' ? 'active' : 'paused' } }))}>
            {h.state === 'paused' ? words.campaigns.resume : words.campaigns.pause}
          </Button>
          <Button size="xs" variant="subtle" color="red" onClick={() => attempt(() => remove.mutateAsync({ path }))}>
            {words.common.delete}
          </Button>
        </Group>
      </Group>
      <Anchor href={h.url} size="sm" target="_blank" rel="noreferrer">
        {h.url}
      </Anchor>
      <Text size="sm" c="dimmed">
        {news} {h.waiting > 0 && words.settings.waiting(h.waiting)}
      </Text>
      {secret && (
        <Alert title={words.settings.secretOnce}>
          <Code block tabIndex={0}>{secret}</Code>
        </Alert>
      )}
      {log && <WebhookLog id={h.id} />}
    </Stack>
  );
}

function Create({ attempt, done }: { attempt: Attempt; done: () => void }) {
  const words = useWords();
  const said = useSaid();
  const form = useForm({ initialValues: { name: '', url: 'https://' } });
  const create = useMutation({
    ...createWebhookMutation(),
    onSuccess: done,
    onError: (error) => {
      const { field } = refusalOf(error);
      if (field in form.values) form.setFieldError(field, said(error));
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => attempt(() => create.mutateAsync({ body })))}>
      <Stack>
        <TextInput label={words.common.name} maxLength={200} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={words.settings.address} required {...form.getInputProps('url')} />
        <Button type="submit" loading={create.isPending}>
          {words.common.save}
        </Button>
      </Stack>
    </form>
  );
}

/** What became of the last posts to a webhook. */
function newsOf(words: Words, f: ReturnType<typeof useFormat>, h: Webhook): string {
  if (h.state === 'paused') return pauseIn(words, h.stateReason ?? '');
  if (h.lastError) return [sayPost(words, h.lastError), h.nextAttemptAt && words.settings.nextAttempt(f.clock(h.nextAttemptAt))].filter(Boolean).join(' ');
  return h.lastDeliveredAt ? words.settings.lastDelivered(f.time(h.lastDeliveredAt)) : words.settings.nothingYet;
}
