import type { Words } from '../words';

export const bots: Words['bots'] = {
  title: 'Мої боти',
  connect: 'Під’єднати Telegram-бота',
  connectNew: 'Новий бот',
  connectExisting: 'Наявний бот',
  connectAgain: 'Під’єднати знову',
  empty: 'Бот — це той, з ким спілкуються ваші підписники. Під’єднайте наявного або створіть нового через @BotFather.',
  token: 'Відповідь @BotFather',
  tokenHint: 'Вставте все повідомлення: токен у ньому знайдеться сам. Він зберігається зашифрованим і більше не показується.',
  tokenMissing: 'Токена тут немає. Він має такий вигляд: 123456789:AAE…',
  connected: (name: string) => `Бота ${name} під’єднано`,
  active: 'Працює',
  paused: 'На паузі: Telegram не приймає токен. Під’єднайте бота знову, з новим токеном.',
  waits: (until: string) => `Чекає до ${until}: так попросив Telegram.`,
  unreachable: (until: string) => `Telegram не відповідає. Bellman спробує ще раз о ${until}.`,
  uuid: 'app_uuid',
  curl: 'Додати підписника через API',
  subscribers: 'Підписники',
  pace: 'Повідомлень за секунду',
  paceHint: 'Порожньо — діє загальне обмеження.',
  steps: [
    'Відкрийте @BotFather у Telegram і почніть розмову.',
    'Надішліть /newbot, а тоді оберіть назву й ім’я користувача, що закінчується на «bot».',
    'Скопіюйте всю відповідь і вставте її нижче.',
  ],
  stepsExisting: [
    'Відкрийте @BotFather у Telegram і надішліть /mybots.',
    'Оберіть свого бота, а тоді API Token.',
    'Скопіюйте токен і вставте його нижче.',
  ],
  keyNeeded: 'замість KEY — ваш ключ',
};
