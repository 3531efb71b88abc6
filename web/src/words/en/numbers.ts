import { plurals } from '@/lib/plural';

const count = plurals('en');

/** Numbers with what they count, and lengths of time. */
export const numbers = {
  people: (n: number) => count(n, { one: '# person', other: '# people' }),
  subscribers: (n: number) => count(n, { one: '# subscriber', other: '# subscribers' }),
  contacts: (n: number) => count(n, { one: '# contact', other: '# contacts' }),
  minutes: (n: number) => count(n, { one: '# minute', other: '# minutes' }),
  seconds: (n: number) => count(n, { one: '# second', other: '# seconds' }),
  hours: (n: number) => count(n, { one: '# hour', other: '# hours' }),
  perSecond: (n: string) => `${n} a second`,
};
