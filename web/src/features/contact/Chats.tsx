import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Contact } from '@/api/generated';
import { listBotsOptions, updateChatMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

const month = () => new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString();

/** The chats of a contact: with which bot, whether messages go there, and a pause for them. */
export function Chats({ contact: c }: { contact: Contact }) {
  const words = useWords();
  const f = useFormat();
  const may = useMay('edit_contacts');
  const queries = useQueryClient();
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  const update = useMutation({ ...updateChatMutation(), onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getContact', 'listContacts') }), onError: tellFault });
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.chats}
      </Title>
      {c.chats.length === 0 && <Text c="dimmed">{words.contacts.noChat}</Text>}
      {c.chats.map((chat) => (
        <Group key={`${chat.botId}/${chat.chatId}`} gap="sm" py={4}>
          <Anchor component={Link} to="/bots" size="sm">
            {bots.data?.items.find((b) => b.id === chat.botId)?.name ?? chat.botId}
          </Anchor>
          {!chat.active ? (
            <Status of="skipped">{words.contacts.left}</Status>
          ) : chat.mutedUntil ? (
            <Status of="paused">{words.contacts.muted(f.time(chat.mutedUntil))}</Status>
          ) : (
            <Status of="active">{words.contacts.active}</Status>
          )}
          <Text size="xs" c="dimmed">
            {chat.chatId}
          </Text>
          {may && chat.active && (
            <Button
              size="compact-xs"
              variant="subtle"
              loading={update.isPending}
              onClick={() => update.mutate({ path: { id: chat.botId, chatId: chat.chatId }, body: { mutedUntil: chat.mutedUntil ? new Date(0).toISOString() : month() } })}
            >
              {chat.mutedUntil ? words.contacts.unmute : words.contacts.mute}
            </Button>
          )}
        </Group>
      ))}
    </section>
  );
}
