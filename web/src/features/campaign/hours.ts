import type { ClickHour } from '@/api/generated';

const hour = 3_600_000;

/** Returns the hours from the first with clicks to the last, those between without clicks too; a day at least, two weeks at most. */
export function hoursOf(clicks: ClickHour[]): ClickHour[] {
  const first = clicks[0];
  const last = clicks.at(-1);
  if (!first || !last) return [];
  const begin = Date.parse(first.from);
  const known = new Map(clicks.map((c) => [Date.parse(c.from), c]));
  const length = Math.min(14 * 24, Math.max(24, Math.round((Date.parse(last.from) - begin) / hour) + 1));
  return Array.from({ length }, (_, i) => known.get(begin + i * hour) ?? { from: new Date(begin + i * hour).toISOString(), clicks: 0, people: 0 });
}
