import { TZDate, tzOffset } from '@date-fns/tz';

/** Names of zones that browsers still give, and those that the IANA database has for them. */
const renamed: Record<string, string> = { 'Europe/Kiev': 'Europe/Kyiv', 'Asia/Calcutta': 'Asia/Kolkata', 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Asia/Rangoon': 'Asia/Yangon', 'Asia/Katmandu': 'Asia/Kathmandu' };

/** The name that a zone has today. */
export const zoneName = (zone: string) => renamed[zone] ?? zone;

/** The zone of this browser. */
export const viewerZone = () => zoneName(Intl.DateTimeFormat().resolvedOptions().timeZone);

/** All zones that the browser knows, by the names of today. */
export const allZones = () => [...new Set(Intl.supportedValuesOf('timeZone').map(zoneName))].sort();

/** Reports whether clocks show the same in two zones, whatever these are called, now and in half a year. */
export function isSameZone(a: string, b: string, now = new Date()): boolean {
  return a === b || [now, new Date(now.getTime() + 182 * 24 * 3600 * 1000)].every((at) => tzOffset(a, at) === tzOffset(b, at));
}

/** The moment at which the clocks of a zone show a day and a time, written as 2026-12-01T10:00; undefined for what is none. */
export function momentIn(zone: string, written: string): Date | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?/.exec(written)?.slice(1).map((part) => Number(part ?? 0));
  if (!parts) return undefined;
  const [year = 0, month = 1, day = 1, hours = 0, minutes = 0] = parts;
  return new Date(new TZDate(year, month - 1, day, hours, minutes, zone).getTime());
}

/** The first moment of so many days after a day, written as 2026-12-01. */
export function dayIn(zone: string, written: string | undefined, later = 0): Date | undefined {
  if (!written) return undefined;
  const [year = 0, month = 1, day = 1] = written.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day + later));
  return momentIn(zone, date.toISOString().slice(0, 10));
}
