import type { Campaign } from '@/api/generated';
import type { Words } from '@/words/words';

/** Says where somebody stands: whose message was edited or deleted was sent nothing. */
export function statusIn(words: Words, action: Campaign['action'], status: keyof Words['campaigns']['statuses']): string {
  if (status === 'sent' && action !== 'send') return words.campaigns.changed[action];
  return words.campaigns.statuses[status];
}

/** Calls a campaign by its name; one that changes another one, by what it does to that. */
export function nameIn(words: Words, c: Campaign): string {
  return c.action === 'send' ? c.name : words.campaigns.changes[c.action](c.name);
}
