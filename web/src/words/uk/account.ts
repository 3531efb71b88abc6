import type { Words } from '../words';

export const account: Words['account'] = {
  signOut: 'Вийти',
  language: 'Мова',
  theme: 'Тема',
  light: 'Світла',
  dark: 'Темна',
  auto: 'Як у системі',
  menu: 'Обліковий запис',
};
