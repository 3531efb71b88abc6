import { type Sayings, sayer } from '../../sayer';
import { places } from '../places';
import { access } from './access';
import { campaign } from './campaign';
import { contact } from './contact';
import { message } from './message';
import { server } from './server';

const sayings: Sayings = {
  codes: { ...access, ...message, ...campaign, ...contact, ...server },
  at: (line, column, what) => `Строка ${line}, символ ${column}. ${what}`,
  tried: {
    'with sample values': (what) => `Со значениями для примера. ${what}`,
    'without values': (what) => `Когда значений нет. ${what}`,
  },
  statuses: {
    0: 'Не получилось.',
    400: 'Сервер не понял запроса.',
    401: 'Войдите, чтобы продолжить.',
    403: 'Вам это не разрешено.',
    404: 'Здесь ничего нет. Возможно, это удалили.',
    409: 'Сейчас это невозможно.',
    412: 'Кто-то изменил это с тех пор, как вы его открыли.',
    422: 'Что-то введено неправильно.',
    429: 'Слишком много попыток. Подождите и попробуйте ещё раз.',
    500: 'На сервере произошёл сбой.',
    503: 'Сервер сейчас не может этого сделать. Попробуйте через минуту.',
  },
  places,
  behind: (sentence) => `Ответ сервера: «${sentence}».`,
  defects: [
    [/^expected length >= 1$/, () => 'не заполнено'],
    [/^expected length >= (\d+)$/, (least) => `слишком коротко, нужно символов: не менее ${least}`],
    [/^expected length <= (\d+)$/, (most) => `слишком длинно, можно символов: не более ${most}`],
    [/^expected array length >= (\d+)$/, (least) => `мало, нужно не менее ${least}`],
    [/^expected array length <= (\d+)$/, (most) => `слишком много, можно не более ${most}`],
    [/^expected number >= (\S+)$/, (least) => `нужно число от ${least}`],
    [/^expected number <= (\S+)$/, (most) => `нужно число до ${most}`],
    [/^expected number > (\S+)$/, (least) => `нужно число больше ${least}`],
    [/^expected number < (\S+)$/, (most) => `нужно число меньше ${most}`],
    [/^expected required property (\S+) to be present$/, (name) => `не заполнено обязательное «${name}»`],
    [/^unexpected property$/, () => 'здесь лишнее'],
    [/^expected value to be one of/, () => 'выберите одно из имеющихся значений'],
    [/^expected string to be RFC 5322 email/, () => 'нужен адрес электронной почты'],
    [/^expected string to be RFC 3339/, () => 'нужны дата и время'],
    [/^expected string to be RFC 3986 uri/, () => 'нужен адрес'],
    [/^expected array items to be unique$/, () => 'есть повторы, уберите их'],
    [/^expected (?:integer|number)$/, () => 'нужно число'],
    [/^expected boolean$/, () => 'нужно «да» или «нет»'],
    [/^expected string$/, () => 'нужен текст'],
    [/^expected (?:array|object)/, () => 'данные записаны неправильно'],
    [/^expected string to/, () => 'записано неправильно'],
  ],
  inField: (field, what) => (field ? `${field}: ${what}.` : `${what.charAt(0).toUpperCase()}${what.slice(1)}.`),
};

/** What the server refuses. */
export const problems = sayer(sayings);

/** What is said of it, for tests. */
export const { codes } = sayings;
