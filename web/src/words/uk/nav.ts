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
  workspace: 'Робочий простір',
};
