import type { Words } from '../words';

export const again: Words['again'] = {
  title: 'Войдите ещё раз',
  lead: 'Ваш сеанс завершился. Всё, что вы ввели, на месте.',
  confirmTitle: 'Подтвердите, что это вы',
  confirmLead: 'Это опасное действие: введите пароль ещё раз.',
  email: 'Электронная почта',
  password: 'Пароль',
  code: 'Код из приложения-аутентификатора',
  go: 'Войти',
  confirm: 'Продолжить',
};
