import type { Words } from '../words';

export const bots: Words['bots'] = {
  title: 'Мои боты',
  connect: 'Подключить Telegram-бота',
  connectNew: 'Новый бот',
  connectExisting: 'Существующий бот',
  connectAgain: 'Подключить снова',
  empty: 'Бот — это тот, с кем общаются ваши подписчики. Подключите имеющегося или создайте нового через @BotFather.',
  token: 'Ответ @BotFather',
  tokenHint: 'Вставьте всё сообщение: токен в нём найдётся сам. Он хранится зашифрованным и больше не показывается.',
  tokenMissing: 'Токена здесь нет. Он выглядит так: 123456789:AAE…',
  connected: (name: string) => `Бот ${name} подключён`,
  active: 'Работает',
  paused: 'На паузе: Telegram не принимает токен. Подключите бота снова, с новым токеном.',
  waits: (until: string) => `Ждёт до ${until}: так попросил Telegram.`,
  unreachable: (until: string) => `Telegram не отвечает. Bellman попробует ещё раз в ${until}.`,
  uuid: 'app_uuid',
  curl: 'Добавить подписчика через API',
  subscribers: 'Подписчики',
  pace: 'Сообщений в секунду',
  paceHint: 'Пусто — действует общее ограничение.',
  steps: [
    'Откройте @BotFather в Telegram и начните разговор.',
    'Отправьте /newbot, затем выберите название и имя пользователя, которое заканчивается на «bot».',
    'Скопируйте весь ответ и вставьте его ниже.',
  ],
  stepsExisting: [
    'Откройте @BotFather в Telegram и отправьте /mybots.',
    'Выберите своего бота, затем API Token.',
    'Скопируйте токен и вставьте его ниже.',
  ],
  keyNeeded: 'вместо KEY — ваш ключ',
};
