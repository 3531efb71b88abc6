import { Anchor, Group, Text, Title } from '@mantine/core';
import { IconClick, IconMessage, IconTag, IconUsersGroup, IconPlugConnected } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type Entry, listHistory } from '@/api/generated';
import { statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { usePages } from '@/ui/pages';
import { reasonIn } from '@/ui/reason';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

const icons = { message: IconMessage, click: IconClick, event: IconTag, group: IconUsersGroup, chat: IconPlugConnected };

/** What happened to a contact, newest first. */
export function History({ contactId }: { contactId: number }) {
  const words = useWords();
  const f = useFormat();
  const pages = usePages(['listHistory', contactId], async (cursor, signal) => (await listHistory({ path: { id: contactId }, query: { cursor, limit: 50 }, signal, throwOnError: true })).data);
  const columns: Column<Entry>[] = [
    { key: 'what', title: words.contacts.happened, cell: (e) => <What entry={e} /> },
    { key: 'when', title: words.campaigns.settled, right: true, cell: (e) => (e.at ? f.time(e.at) : '') },
  ];
  return (
    <section>
      <Title order={2} mb="xs">
        {words.contacts.history}
      </Title>
      <Listing
        label={words.contacts.history}
        columns={columns}
        {...pages}
        id={(e) => `${e.kind}/${e.message?.campaignId}/${e.message?.seq}/${e.click?.id}/${e.event?.id}/${e.group?.id}/${e.chat?.botId}/${e.chat?.chatId}`}
        empty={<Text c="dimmed">{words.contacts.nothingHappened}</Text>}
      />
    </section>
  );
}

function What({ entry: e }: { entry: Entry }) {
  const words = useWords();
  const Icon = icons[e.kind];
  return (
    <Group gap="xs" wrap="nowrap">
      <Icon size={16} stroke={1.6} aria-hidden />
      {e.message && (
        <>
          <Anchor component={Link} to={`/campaigns/${e.message.campaignId}`} size="sm">
            {e.message.campaignName || e.message.messageName}
          </Anchor>
          <Status of={e.message.status}>{statusIn(words, e.message.action, e.message.status)}</Status>
          {e.message.reason && (
            <Text size="sm" c="dimmed">
              {reasonIn(words, e.message.reason, e.message.detail)}
            </Text>
          )}
        </>
      )}
      {e.click && (
        <Text size="sm">
          {words.contacts.clickedOn(e.click.target ?? e.click.data ?? '', e.click.messageName)}
        </Text>
      )}
      {e.event && (
        <Text size="sm">
          {e.event.eventTypeKey} {e.event.keyValue}
        </Text>
      )}
      {e.group && <Text size="sm">{words.contacts.joined(e.group.name)}</Text>}
      {e.chat && <Text size="sm">{words.contacts.chatBegan}</Text>}
    </Group>
  );
}
