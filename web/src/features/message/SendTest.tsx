import { Button, Modal, Select, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listBotsOptions, testMessageMutation } from '@/api/generated/@tanstack/react-query.gen';
import { PersonPicker } from '@/ui/PersonPicker';
import { tell, tellFault } from '@/ui/notice';
import { useWords } from '@/words/words';

/** Sends a message to one person now, as a test. Whom is remembered in the browser. */
export function SendTest({ messageId, opened, close }: { messageId: number; opened: boolean; close: () => void }) {
  const words = useWords();
  const kept = Number(localStorage.getItem('bellman.tester')) || undefined;
  const [person, setPerson] = useState<number | undefined>(kept);
  const [bot, setBot] = useState<string | null>(null);
  const bots = useQuery({ ...listBotsOptions({ query: { limit: 200 } }), enabled: opened });
  const chosen = bot ?? (bots.data?.items[0] ? String(bots.data.items[0].id) : null);
  const send = useMutation({
    ...testMessageMutation(),
    onSuccess: () => {
      localStorage.setItem('bellman.tester', String(person));
      tell(words.messages.testSent);
      close();
    },
    onError: tellFault,
  });
  return (
    <Modal opened={opened} onClose={close} title={words.messages.sendTest} closeButtonProps={{ 'aria-label': words.common.close }}>
      <Stack>
        <Select label={words.campaigns.bot} data={bots.data?.items.map((b) => ({ value: String(b.id), label: b.name })) ?? []} value={chosen} onChange={setBot} allowDeselect={false} />
        <PersonPicker label={words.campaigns.audience} value={person} onChange={setPerson} />
        <Button
          loading={send.isPending}
          disabled={!chosen || person === undefined}
          onClick={() => person !== undefined && send.mutate({ path: { id: messageId }, body: { botId: Number(chosen), recipients: [{ contactId: person }] } })}
        >
          {words.messages.sendTest}
        </Button>
      </Stack>
    </Modal>
  );
}
