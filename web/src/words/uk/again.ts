import type { Words } from '../words';

export const again: Words['again'] = {
  title: 'Увійдіть ще раз',
  lead: 'Ваш сеанс завершився. Усе, що ви ввели, на місці.',
  confirmTitle: 'Підтвердьте, що це ви',
  confirmLead: 'Це небезпечна дія: введіть пароль ще раз.',
  email: 'Електронна пошта',
  password: 'Пароль',
  code: 'Код із застосунку-автентифікатора',
  go: 'Увійти',
  confirm: 'Продовжити',
};
