import { Button, List, SegmentedControl, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Bot } from '@/api/generated';
import { connectBotMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';
import { tokenIn } from './token';

/** Connects a bot by what BotFather has answered. */
export function ConnectBot({ done }: { done: (bot: Bot) => void }) {
  const words = useWords();
  const said = useSaid();
  const queries = useQueryClient();
  const [way, setWay] = useState<'new' | 'existing'>('new');
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');
  const connect = useMutation({
    ...connectBotMutation(),
    onSuccess: async (bot) => {
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listBots') });
      done(bot);
    },
    onError: (error) => setFault(said(error)),
  });
  const submit = (e: React.FormEvent) => {
    e.preventDefault();
    const token = tokenIn(text);
    if (!token) return setFault(words.bots.tokenMissing);
    setFault('');
    connect.mutate({ body: { token } });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <SegmentedControl
          aria-label={words.bots.connect}
          value={way}
          onChange={(w) => setWay(w as 'new' | 'existing')}
          data={[{ value: 'new', label: words.bots.connectNew }, { value: 'existing', label: words.bots.connectExisting }]}
        />
        <List type="ordered" size="sm" spacing={4}>
          {(way === 'new' ? words.bots.steps : words.bots.stepsExisting).map((s) => (
            <List.Item key={s}>{s}</List.Item>
          ))}
        </List>
        <Textarea
          label={words.bots.token}
          description={words.bots.tokenHint}
          autosize
          minRows={3}
          value={text}
          error={fault}
          spellCheck={false}
          autoComplete="off"
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Button type="submit" loading={connect.isPending} disabled={text.trim() === ''}>
          {words.common.save}
        </Button>
      </Stack>
    </form>
  );
}
