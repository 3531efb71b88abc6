import { type Sayings, sayer } from '../../sayer';
import { places } from '../places';
import { access } from './access';
import { campaign } from './campaign';
import { contact } from './contact';
import { message } from './message';
import { server } from './server';

const sayings: Sayings = {
  codes: { ...access, ...message, ...campaign, ...contact, ...server },
  at: (line, column, what) => `Рядок ${line}, символ ${column}. ${what}`,
  tried: {
    'with sample values': (what) => `Зі значеннями для прикладу. ${what}`,
    'without values': (what) => `Коли значень немає. ${what}`,
  },
  statuses: {
    0: 'Не вдалося.',
    400: 'Сервер не зрозумів запиту.',
    401: 'Увійдіть, щоб продовжити.',
    403: 'Вам цього не дозволено.',
    404: 'Тут нічого немає. Можливо, це видалили.',
    409: 'Зараз це неможливо.',
    412: 'Хтось змінив це, відколи ви його відкрили.',
    422: 'Щось введено неправильно.',
    429: 'Забагато спроб. Зачекайте й спробуйте ще раз.',
    500: 'На сервері стався збій.',
    503: 'Сервер зараз не може цього зробити. Спробуйте за хвилину.',
  },
  places,
  behind: (sentence) => `Відповідь сервера: «${sentence}».`,
  defects: [
    [/^expected length >= 1$/, () => 'не заповнено'],
    [/^expected length >= (\d+)$/, (least) => `закоротке, потрібно символів: щонайменше ${least}`],
    [/^expected length <= (\d+)$/, (most) => `задовге, можна символів: щонайбільше ${most}`],
    [/^expected array length >= (\d+)$/, (least) => `замало, потрібно щонайменше ${least}`],
    [/^expected array length <= (\d+)$/, (most) => `забагато, можна щонайбільше ${most}`],
    [/^expected number >= (\S+)$/, (least) => `потрібне число від ${least}`],
    [/^expected number <= (\S+)$/, (most) => `потрібне число до ${most}`],
    [/^expected number > (\S+)$/, (least) => `потрібне число, більше за ${least}`],
    [/^expected number < (\S+)$/, (most) => `потрібне число, менше за ${most}`],
    [/^expected required property (\S+) to be present$/, (name) => `не заповнено обов’язкове «${name}»`],
    [/^unexpected property$/, () => 'тут зайве'],
    [/^expected value to be one of/, () => 'оберіть одне з наявних значень'],
    [/^expected string to be RFC 5322 email/, () => 'потрібна адреса електронної пошти'],
    [/^expected string to be RFC 3339/, () => 'потрібні дата й час'],
    [/^expected string to be RFC 3986 uri/, () => 'потрібна адреса'],
    [/^expected array items to be unique$/, () => 'є повтори, приберіть їх'],
    [/^expected (?:integer|number)$/, () => 'потрібне число'],
    [/^expected boolean$/, () => 'потрібне «так» або «ні»'],
    [/^expected string$/, () => 'потрібен текст'],
    [/^expected (?:array|object)/, () => 'дані записано неправильно'],
    [/^expected string to/, () => 'записано неправильно'],
  ],
  inField: (field, what) => (field ? `${field}: ${what}.` : `${what.charAt(0).toUpperCase()}${what.slice(1)}.`),
};

/** What the server refuses. */
export const problems = sayer(sayings);

/** What is said of it, for tests. */
export const { codes } = sayings;
