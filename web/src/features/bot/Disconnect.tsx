import { Alert, Button, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Bot } from '@/api/generated';
import { disconnectBotMutation, getBotUsesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { tell } from '@/ui/notice';
import { useConfirmed } from '@/ui/useConfirmed';
import { useWords } from '@/words/words';

/** Says what becomes of whom when a bot is disconnected, and does it. */
export function Disconnect({ bot, opened, close }: { bot: Bot; opened: boolean; close: () => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const { attempt, dialog } = useConfirmed();
  const uses = useQuery({ ...getBotUsesOptions({ path: { id: bot.id } }), enabled: opened });
  const disconnect = useMutation({
    ...disconnectBotMutation(),
    onSuccess: async () => {
      close();
      tell(words.bots.disconnected(bot.name));
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listBots') });
    },
  });
  const pending = uses.data?.pending ?? [];
  return (
    <>
      <Modal opened={opened} onClose={close} title={words.bots.disconnect(bot.name)} closeButtonProps={{ 'aria-label': words.common.close }}>
        {uses.error && <Fault error={uses.error} retry={() => void uses.refetch()} />}
        {uses.data && (
          <Stack>
            <Text>{words.bots.disconnectLead(uses.data.subscribers)}</Text>
            {pending.length > 0 && <Alert color="yellow">{words.bots.disconnectPending(pending.map((c) => c.name).join(', '))}</Alert>}
            {disconnect.error && refusalOf(disconnect.error).code !== 'confirm_first' && <Fault error={disconnect.error} />}
            <Button color="red" disabled={pending.length > 0} loading={disconnect.isPending} onClick={() => attempt(() => disconnect.mutateAsync({ path: { id: bot.id } }))}>
              {words.bots.disconnectGo}
            </Button>
          </Stack>
        )}
      </Modal>
      {dialog}
    </>
  );
}
