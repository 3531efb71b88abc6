import { plurals } from '@/lib/plural';
import type { Words } from '../words';

const count = plurals('ru');

export const numbers: Words['numbers'] = {
  people: (n: number) => count(n, { one: '# человек', few: '# человека', many: '# человек', other: '# человека' }),
  subscribers: (n: number) => count(n, { one: '# подписчик', few: '# подписчика', many: '# подписчиков', other: '# подписчика' }),
  contacts: (n: number) => count(n, { one: '# контакт', few: '# контакта', many: '# контактов', other: '# контакта' }),
  // Lengths of time stand in the accusative: ещё 21 минуту.
  minutes: (n: number) => count(n, { one: '# минуту', few: '# минуты', many: '# минут', other: '# минуты' }),
  seconds: (n: number) => count(n, { one: '# секунду', few: '# секунды', many: '# секунд', other: '# секунды' }),
  hours: (n: number) => count(n, { one: '# час', few: '# часа', many: '# часов', other: '# часа' }),
  perSecond: (n: string) => `${n} в секунду`,
};
