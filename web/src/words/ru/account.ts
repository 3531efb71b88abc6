import type { Words } from '../words';

export const account: Words['account'] = {
  signOut: 'Выйти',
  language: 'Язык',
  theme: 'Тема',
  light: 'Светлая',
  dark: 'Тёмная',
  auto: 'Как в системе',
  menu: 'Учётная запись',
};
