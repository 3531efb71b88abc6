import type { Look } from '@/api/generated';

/** By what people are recognised whose own id is not in the file. */
export const keys = ['externalCustomerId', 'email', 'sms', 'email_or_sms'] as const;
export type Way = (typeof keys)[number];

/** What each column of a file is, by its name. */
export type Means = Record<string, string>;

/** How much of a file is looked at, in bytes; the server takes no more. */
export const head = 1 << 20;

/** What a column can be, besides a custom field. */
export const attributes = [
  'externalCustomerId', 'phone', 'email', 'firstName', 'lastName', 'languageCode', 'timeZone', 'town', 'region', 'address', 'postcode', 'contactKey',
] as const;
export type AttributeName = (typeof attributes)[number];

/** Returns what an import is told of its columns: those whose names do not tell by themselves. */
export function columnsOf(look: Look, means: Means): string[] {
  return look.columns.flatMap((c) => {
    const now = means[c.name] ?? c.means;
    return now === c.means && c.sure === 'known' ? [] : [`${c.name}=${now}`];
  });
}
