import { plurals } from '@/lib/plural';
import type { Words } from '../words';

const count = plurals('uk');

export const numbers: Words['numbers'] = {
  people: (n: number) => count(n, { one: '# людина', few: '# людини', many: '# людей', other: '# людини' }),
  subscribers: (n: number) => count(n, { one: '# підписник', few: '# підписники', many: '# підписників', other: '# підписника' }),
  contacts: (n: number) => count(n, { one: '# контакт', few: '# контакти', many: '# контактів', other: '# контакту' }),
  // Lengths of time stand in the accusative: ще 21 хвилину.
  minutes: (n: number) => count(n, { one: '# хвилину', few: '# хвилини', many: '# хвилин', other: '# хвилини' }),
  seconds: (n: number) => count(n, { one: '# секунду', few: '# секунди', many: '# секунд', other: '# секунди' }),
  hours: (n: number) => count(n, { one: '# годину', few: '# години', many: '# годин', other: '# години' }),
  perSecond: (n: string) => `${n} за секунду`,
};
