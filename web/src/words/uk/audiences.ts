import type { Words } from '../words';

export const audiences: Words['audiences'] = {
  title: 'Аудиторії',
  new: 'Нова група',
  empty: 'Група — це список контактів, який ви ведете вручну. Групам надсилають розсилки.',
  name: 'Назва',
  members: 'Учасники',
  remove: 'Прибрати',
  created: 'Групу створено',
  deleteSure: 'Її контакти залишаться.',
  deleted: 'Групу видалено',
  noMembers: 'Тут ще нікого немає. Додайте контакти з їхніх карток або через імпорт.',
  add: 'Додати до групи',
  added: (name: string) => `Додано до групи «${name}»`,
  usedBy: 'Їй надсилають:',
};
