import type { Words } from '../words';

export const nav: Words['nav'] = {
  main: 'Главное меню',
  home: 'Главная',
  campaigns: 'Рассылки',
  messages: 'Сообщения',
  contacts: 'Контакты',
  audiences: 'Аудитории',
  bots: 'Боты',
  settings: 'Настройки',
  skip: 'Перейти к содержимому',
  workspace: 'Рабочее пространство',
};
