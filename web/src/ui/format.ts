import { use, useMemo } from 'react';
import { isSameZone, viewerZone } from '@/lib/zone';
import { useLanguage, useWords } from '@/words/words';
import { SessionContext } from './session';

/** How numbers and times are written in the language that is spoken. Times are those of the workspace's zone, which is named where it is not the viewer's. */
export function useFormat() {
  const { language } = useLanguage();
  const words = useWords();
  const mine = viewerZone();
  const zone = use(SessionContext)?.workspace?.timeZone ?? mine;
  return useMemo(() => {
    const number = new Intl.NumberFormat(language);
    const fraction = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
    const placed: Intl.DateTimeFormatOptions = { timeZone: zone, ...(!isSameZone(zone, mine) && { timeZoneName: 'shortGeneric' }) };
    const moment = { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', ...placed } as const;
    const time = new Intl.DateTimeFormat(language, moment);
    const timeOfYear = new Intl.DateTimeFormat(language, { ...moment, year: 'numeric' });
    const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', ...placed });
    const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: zone });
    const dayOfYear = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    return {
      /** The zone of all times and days. */
      zone,
      number: (n: number) => number.format(n),
      fraction: (n: number) => fraction.format(n),
      share: (part: number, whole: number) => percent.format(whole > 0 ? part / whole : 0),
      /** A day with its time; the year stands only where it is another one. */
      time: (at: string | Date) => (new Date(at).getFullYear() === new Date().getFullYear() ? time : timeOfYear).format(new Date(at)),
      clock: (at: string | Date) => clock.format(new Date(at)),
      /** What the clock will show after so many seconds. */
      clockAfter: (seconds: number) => clock.format(new Date(Date.now() + seconds * 1000)),
      day: (at: string | Date) => day.format(new Date(at)),
      /** A day that is written as 2026-03-01, wherever one is. */
      date: (written: string) => dayOfYear.format(new Date(`${written}T00:00`)),
      /** A length of time in its largest unit that makes sense. */
      span: (seconds: number) => {
        if (seconds < 90) return words.numbers.seconds(Math.max(1, Math.round(seconds)));
        if (seconds < 90 * 60) return words.numbers.minutes(Math.round(seconds / 60));
        return words.numbers.hours(Math.round(seconds / 3600));
      },
    };
  }, [language, words, zone, mine]);
}
