import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { listBotsOptions, listGroupsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useWords } from '@/words/words';

const chats = ['active', 'muted', 'inactive', 'none'] as const;

/** Which contacts are listed: all that is chosen is in the address. */
export function Filters() {
  const words = useWords();
  const { chat, groupId, botId } = useSearch({ from: '/contacts' });
  const navigate = useNavigate({ from: '/contacts' });
  const groups = useQuery(listGroupsOptions({ query: { limit: 200, sort: 'name' } }));
  const bots = useQuery(listBotsOptions({ query: { limit: 200 } }));
  const set = (part: { chat?: string; groupId?: number; botId?: number }) => void navigate({ search: (s) => ({ ...s, ...part }), replace: true });
  const several = (bots.data?.items.length ?? 0) > 1;
  return (
    <>
      <Select
        aria-label={words.contacts.chats}
        placeholder={words.contacts.chats}
        data={chats.map((c) => ({ value: c, label: words.contacts.chatFilter[c] }))}
        value={chat ?? null}
        onChange={(c) => set({ chat: c ?? undefined })}
        clearable
        w={180}
      />
      {(groups.data?.items.length ?? 0) > 0 && (
        <Select
          aria-label={words.campaigns.groups}
          placeholder={words.campaigns.groups}
          data={groups.data?.items.map((g) => ({ value: String(g.id), label: g.name })) ?? []}
          value={groupId ? String(groupId) : null}
          onChange={(g) => set({ groupId: g ? Number(g) : undefined })}
          searchable
          clearable
          w={180}
        />
      )}
      {several && (
        <Select
          aria-label={words.campaigns.bot}
          placeholder={words.campaigns.bot}
          data={bots.data?.items.map((b) => ({ value: String(b.id), label: b.name })) ?? []}
          value={botId ? String(botId) : null}
          onChange={(b) => set({ botId: b ? Number(b) : undefined })}
          clearable
          w={180}
        />
      )}
      {(chat || groupId || botId) && (
        <Button variant="subtle" size="xs" onClick={() => set({ chat: undefined, groupId: undefined, botId: undefined })}>
          {words.common.clear}
        </Button>
      )}
    </>
  );
}
