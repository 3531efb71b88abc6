import type { ListDeliveriesData } from '@/api/generated';

/** Which recipients of a campaign are shown, as the address has it. */
export interface PeopleFilter {
  status?: Status;
  reason?: string[];
  clicked?: boolean;
  link?: number;
  language?: string;
  groupId?: number;
}

export type Status = NonNullable<NonNullable<ListDeliveriesData['query']>['status']>[number];

const statuses: readonly string[] = ['queued', 'sending', 'sent', 'failed', 'skipped', 'unknown'] satisfies Status[];

/** How the server calls the language of those of whom none is known. */
export const unknownLanguage = 'unknown';

/** Reads the filter of an address; what makes no sense is left out. */
export function peopleFilter(s: Record<string, unknown>): PeopleFilter {
  const reasons = Array.isArray(s.reason) ? s.reason : [s.reason];
  const reason = reasons.filter((r): r is string => typeof r === 'string' && r !== '');
  const place = typeof s.link === 'number' ? s.link : -1;
  const groupId = Number(s.groupId);
  return {
    status: statuses.includes(String(s.status)) ? (s.status as Status) : undefined,
    reason: reason.length > 0 ? reason : undefined,
    clicked: s.clicked === true || undefined,
    link: Number.isSafeInteger(place) && place >= 0 ? place : undefined,
    language: typeof s.language === 'string' && s.language !== '' ? s.language : undefined,
    groupId: Number.isSafeInteger(groupId) && groupId > 0 ? groupId : undefined,
  };
}

/** Returns what the server is asked for by a filter. */
export function asked(f: PeopleFilter): NonNullable<ListDeliveriesData['query']> {
  return {
    status: f.status && [f.status],
    reason: f.reason,
    clicked: f.clicked,
    link: f.link === undefined ? undefined : [f.link],
    languageCode: f.language === undefined ? undefined : [f.language],
    groupId: f.groupId === undefined ? undefined : [f.groupId],
  };
}

/** Returns the address of a file of the server's about a campaign, with times in a zone. */
export function fileOf(campaignId: number, file: 'deliveries.csv' | 'report.csv', zone: string, f: PeopleFilter = {}): string {
  const query = new URLSearchParams({ timeZone: zone });
  for (const [name, value] of Object.entries(asked(f))) if (value !== undefined) for (const v of [value].flat()) query.append(name, String(v));
  return `/manage/v1/campaigns/${campaignId}/${file}?${query}`;
}
