import type { Campaign, CreateCampaignInputBody } from '@/api/generated';

/** A campaign as its form has it. */
export interface Draft {
  name: string;
  botId: string | null;
  messageId: string | null;
  who: 'all' | 'groups';
  groups: string[];
  excluded: string[];
}

/** Returns what the server is told of a form whose bot and message are chosen. */
export function bodyOf(d: Draft): CreateCampaignInputBody {
  const excludedGroups = d.excluded.map(Number);
  return {
    name: d.name.trim(),
    botId: Number(d.botId),
    messageId: Number(d.messageId),
    audience: d.who === 'all' ? { all: true, excludedGroups } : { groups: d.groups.map(Number), excludedGroups },
  };
}

/** Returns the form of a campaign. */
export function draftOf(c: Campaign): Draft {
  return {
    name: c.name,
    botId: String(c.botId),
    messageId: String(c.messageId),
    who: c.audience.all ? 'all' : 'groups',
    groups: (c.audience.groups ?? []).map(String),
    excluded: (c.audience.excludedGroups ?? []).map(String),
  };
}

/** Reports whether nothing is missing but the name. */
export function isWhole(d: Draft): boolean {
  return d.botId !== null && d.messageId !== null && (d.who === 'all' || d.groups.length > 0);
}

/** Within how many seconds a launch can be taken back. */
export const grace = 10;

/** Returns how many seconds a campaign had left when it was launched with grace; 0 for one that waits for a time. */
export function graceLeft(c: Campaign): number {
  if (c.state !== 'scheduled' || !c.scheduledAt) return 0;
  const seconds = Math.round((Date.parse(c.scheduledAt) - Date.parse(c.updatedAt)) / 1000);
  return seconds > 0 && seconds <= grace ? seconds : 0;
}

/** From how many people on their number is typed before it goes out. */
export const typedFrom = 1000;

/** Reports whether what was typed is the number, however its digits are grouped. */
export function isTyped(text: string, n: number): boolean {
  return text.replace(/[\s.,'’]/gu, '') === String(n);
}
