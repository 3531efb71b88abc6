import type { Stat } from '@/api/generated';

/** A day of a bot: who came, who left, and how many were there at its end. */
export interface Day {
  from: string;
  came: number;
  left: number;
  there: number;
}

/** Returns the days of a bot, the last of which is under way, when so many subscribers are there now. */
export function daysOf(stats: Pick<Stat, 'from' | 'subscribed' | 'left'>[], now: number): Day[] {
  const days: Day[] = [];
  let there = now;
  for (const s of stats.toReversed()) {
    days.unshift({ from: s.from, came: s.subscribed, left: s.left, there });
    there -= s.subscribed - s.left;
  }
  return days;
}
