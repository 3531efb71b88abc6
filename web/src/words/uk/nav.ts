import type { Words } from '../words';

export const nav: Words['nav'] = {
  main: 'Головне меню',
  home: 'Головна',
  campaigns: 'Розсилки',
  messages: 'Повідомлення',
  contacts: 'Контакти',
  audiences: 'Аудиторії',
  bots: 'Боти',
  settings: 'Налаштування',
  skip: 'Перейти до вмісту',
  palette: 'Куди перейти чи що зробити?',
  nothing: 'Нічого з такою назвою немає.',
  keys: 'Клавіші',
  keysPalette: 'Перейти будь-куди, зробити будь-що',
  keysHelp: 'Цей список',
  keysClose: 'Закрити те, що відкрито',
  workspace: 'Робочий простір',
};
