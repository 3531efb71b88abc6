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
  palette: 'Куда перейти или что сделать?',
  nothing: 'Ничего с таким названием нет.',
  keys: 'Клавиши',
  keysPalette: 'Перейти куда угодно, сделать что угодно',
  keysHelp: 'Этот список',
  keysClose: 'Закрыть то, что открыто',
  workspace: 'Рабочее пространство',
};
