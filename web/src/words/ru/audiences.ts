import type { Words } from '../words';

export const audiences: Words['audiences'] = {
  title: 'Аудитории',
  new: 'Новая группа',
  empty: 'Группа — это список контактов, который вы ведёте вручную. Группам отправляют рассылки.',
  name: 'Название',
  members: 'Участники',
  remove: 'Убрать',
  created: 'Группа создана',
  deleteSure: 'Её контакты останутся.',
  deleted: 'Группа удалена',
  noMembers: 'Здесь ещё никого нет. Добавьте контакты из их карточек или через импорт.',
  add: 'Добавить в группу',
  added: (name: string) => `Добавлено в группу «${name}»`,
};
