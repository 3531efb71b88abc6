import type { QueryClient } from '@tanstack/react-query';
import type { Campaign, LiveChanges } from './generated';
import { getCampaignQueryKey } from './generated/@tanstack/react-query.gen';
import { isAbout } from './keys';

type Kind = LiveChanges['changes'][number]['type'];

/** What is fetched anew when something of a kind has changed. Who writes a message keeps what they write. */
const shown: Record<Kind, string[]> = {
  campaign: ['listCampaigns', 'getCampaign', 'checkCampaign', 'listLinks', 'listDeliveries', 'listGroupUses', 'listMessageUses', 'reportCampaign', 'reportCampaignParts'],
  message: ['listMessages', 'listMessageVersions', 'previewMessage'],
  contact: ['listContacts', 'getContact', 'listHistory', 'listMembers', 'listChats'],
  group: ['listGroups', 'getGroup', 'listMembers'],
  bot: ['listBots', 'getBot'],
  import: ['listImports', 'getImport', 'listImportFailures'],
  stats: ['reportStats'],
  webhook: ['listWebhooks', 'getWebhook', 'listWebhookAttempts'],
};

/** How long changes are collected before what they are about is fetched, in milliseconds. */
const pause = 500;
/** How often everything that is shown is fetched while there is no stream, in milliseconds. */
const fallback = 5_000;

/** Keeps what is shown as it is, by the one stream of this page; returns how to stop that. */
export function follow(queries: QueryClient): () => void {
  let stale = new Set<string>();
  let flush: ReturnType<typeof setTimeout> | undefined;
  const mark = (operations: string[]) => {
    operations.forEach((o) => stale.add(o));
    flush ??= setTimeout(() => {
      const now = [...stale];
      stale = new Set();
      flush = undefined;
      void queries.invalidateQueries({ predicate: (q) => isAbout(q, ...now) });
    }, pause);
  };
  const everything = () => void queries.invalidateQueries({ predicate: (q) => isAbout(q, ...Object.values(shown).flat()) });
  const poll = setInterval(() => source.readyState !== EventSource.OPEN && everything(), fallback);
  const source = new EventSource('/manage/v1/live');
  source.addEventListener('reset', everything);
  source.addEventListener('change', (event) => {
    const { changes } = JSON.parse(String((event as MessageEvent).data)) as LiveChanges;
    for (const { type, id, progress } of changes) {
      if (progress && id) queries.setQueryData<Campaign>(getCampaignQueryKey({ path: { id: Number(id) } }), (before) => before && { ...before, ...progress });
      mark(progress ? ['listCampaigns', 'listDeliveries'] : shown[type]);
    }
  });
  return () => {
    clearInterval(poll);
    clearTimeout(flush);
    source.close();
  };
}
