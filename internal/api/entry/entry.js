'use strict';

const words = {
  en: {
    name: 'Your name',
    email: 'Email',
    password: 'Password',
    newPassword: 'New password',
    passwordHint: 'At least 12 characters. A few words that do not belong together are easy to remember and hard to guess.',
    strength: 'How hard it is to guess',
    strengths: { weak: 'Easy to guess', fair: 'Acceptable', good: 'Good', strong: 'Strong' },
    code: 'Code',
    codeHint: 'From your authenticator, or one of your recovery codes.',
    docs: 'What the API can do',
    leave: 'Sign out',
    signInTitle: 'Sign in',
    signInGo: 'Sign in',
    ownerTitle: 'Make your account',
    ownerLead: 'You are the first here: you will own this Bellman, and can invite others.',
    ownerGo: 'Make the account',
    invitationTitle: 'Join {workspace}',
    invitationLead: 'As {role}, with the email {email}.',
    invitationGo: 'Join',
    knownLead: 'You have an account here already: join as {role} with its password.',
    resetTitle: 'Choose a new password',
    resetLead: 'For {email}. Wherever you are signed in now, you will have to sign in again.',
    resetGo: 'Save and sign in',
    insideTitle: 'You are signed in',
    inside: '{name} ({email}), {role} in {workspace}.',
    insideNowhere: '{name} ({email}), without a role in a workspace.',
    lost: 'The server does not answer. Nothing was changed; try again in a moment.',
    roles: { owner: 'owner', admin: 'admin', marketer: 'marketer', writer: 'writer', agent: 'agent', analyst: 'analyst' },
    faults: {
      name_invalid: 'Write your name, in up to 100 characters.',
      email_invalid: 'Write an email address, such as olena@example.com.',
      email_taken: 'There is an account with this email.',
      password_short: 'Choose at least 12 characters.',
      password_long: 'Choose at most 256 characters.',
      password_common: 'This password is easy to guess: choose a few words that do not belong together.',
      sign_in_refused: 'The email or the password is wrong.',
      sign_in_too_often: 'Too many passwords were wrong. Wait a little and try again, or ask an admin for a link to choose a new one.',
      code_needed: 'Write the code as well.',
      code_wrong: 'This code is wrong, or was used: wait for the next one.',
      link_invalid: 'This link was used already, or is too old. Ask for a new one.',
      owner_exists: 'Somebody has made the first account already: sign in, or ask for an invitation.',
      no_workspace: 'You have no role in any workspace any more: ask for an invitation.',
      https_needed: 'Open this page over HTTPS: on the way to this address, anybody may read a password.',
    },
  },
  uk: {
    name: 'Ваше ім’я',
    email: 'Електронна пошта',
    password: 'Пароль',
    newPassword: 'Новий пароль',
    passwordHint: 'Щонайменше 12 символів. Кілька слів, які не пасують одне до одного, легко запам’ятати й важко вгадати.',
    strength: 'Наскільки його важко вгадати',
    strengths: { weak: 'Легко вгадати', fair: 'Прийнятний', good: 'Добрий', strong: 'Надійний' },
    code: 'Код',
    codeHint: 'Із застосунку-автентифікатора або один із резервних кодів.',
    docs: 'Що вміє API',
    leave: 'Вийти',
    signInTitle: 'Вхід',
    signInGo: 'Увійти',
    ownerTitle: 'Створіть свій обліковий запис',
    ownerLead: 'Ви тут перші: цей Bellman належатиме вам, і ви зможете запросити інших.',
    ownerGo: 'Створити запис',
    invitationTitle: 'Приєднатися: {workspace}',
    invitationLead: 'Роль: {role}. Пошта: {email}.',
    invitationGo: 'Приєднатися',
    knownLead: 'У вас уже є тут обліковий запис: приєднайтеся з його паролем. Роль: {role}.',
    resetTitle: 'Оберіть новий пароль',
    resetLead: 'Для {email}. Усюди, де ви зараз увійшли, доведеться увійти ще раз.',
    resetGo: 'Зберегти й увійти',
    insideTitle: 'Ви увійшли',
    inside: '{name} ({email}), {role}, {workspace}.',
    insideNowhere: '{name} ({email}), без ролі в робочому просторі.',
    lost: 'Сервер не відповідає. Нічого не змінено; спробуйте за мить.',
    roles: { owner: 'власник', admin: 'адміністратор', marketer: 'маркетолог', writer: 'автор', agent: 'оператор підтримки', analyst: 'аналітик' },
    faults: {
      name_invalid: 'Напишіть своє ім’я, до 100 символів.',
      email_invalid: 'Напишіть адресу електронної пошти, наприклад olena@example.com.',
      email_taken: 'Обліковий запис із цією поштою вже є.',
      password_short: 'Оберіть щонайменше 12 символів.',
      password_long: 'Оберіть щонайбільше 256 символів.',
      password_common: 'Цей пароль легко вгадати: оберіть кілька слів, які не пасують одне до одного.',
      sign_in_refused: 'Неправильна пошта або пароль.',
      sign_in_too_often: 'Забагато неправильних паролів. Трохи зачекайте й спробуйте ще раз або попросіть адміністратора про посилання для нового пароля.',
      code_needed: 'Напишіть також код.',
      code_wrong: 'Код неправильний або вже використаний: зачекайте на наступний.',
      link_invalid: 'Це посилання вже використали, або воно застаріло. Попросіть нове.',
      owner_exists: 'Перший обліковий запис уже створено: увійдіть або попросіть запрошення.',
      no_workspace: 'У вас більше немає ролі в жодному робочому просторі: попросіть запрошення.',
      https_needed: 'Відкрийте цю сторінку через HTTPS: дорогою до цієї адреси пароль може прочитати будь-хто.',
    },
  },
  ru: {
    name: 'Ваше имя',
    email: 'Электронная почта',
    password: 'Пароль',
    newPassword: 'Новый пароль',
    passwordHint: 'Не меньше 12 символов. Несколько слов, не связанных между собой, легко запомнить и трудно угадать.',
    strength: 'Насколько его трудно угадать',
    strengths: { weak: 'Легко угадать', fair: 'Приемлемый', good: 'Хороший', strong: 'Надёжный' },
    code: 'Код',
    codeHint: 'Из приложения-аутентификатора или один из резервных кодов.',
    docs: 'Что умеет API',
    leave: 'Выйти',
    signInTitle: 'Вход',
    signInGo: 'Войти',
    ownerTitle: 'Создайте учётную запись',
    ownerLead: 'Вы здесь первые: этот Bellman будет вашим, и вы сможете пригласить других.',
    ownerGo: 'Создать запись',
    invitationTitle: 'Присоединиться: {workspace}',
    invitationLead: 'Роль: {role}. Почта: {email}.',
    invitationGo: 'Присоединиться',
    knownLead: 'У вас уже есть здесь учётная запись: присоединитесь с её паролем. Роль: {role}.',
    resetTitle: 'Выберите новый пароль',
    resetLead: 'Для {email}. Везде, где вы сейчас вошли, придётся войти ещё раз.',
    resetGo: 'Сохранить и войти',
    insideTitle: 'Вы вошли',
    inside: '{name} ({email}), {role}, {workspace}.',
    insideNowhere: '{name} ({email}), без роли в рабочем пространстве.',
    lost: 'Сервер не отвечает. Ничего не изменено; попробуйте через минуту.',
    roles: { owner: 'владелец', admin: 'администратор', marketer: 'маркетолог', writer: 'автор', agent: 'оператор поддержки', analyst: 'аналитик' },
    faults: {
      name_invalid: 'Напишите своё имя, до 100 символов.',
      email_invalid: 'Напишите адрес электронной почты, например olena@example.com.',
      email_taken: 'Учётная запись с этой почтой уже есть.',
      password_short: 'Выберите не меньше 12 символов.',
      password_long: 'Выберите не больше 256 символов.',
      password_common: 'Этот пароль легко угадать: выберите несколько слов, не связанных между собой.',
      sign_in_refused: 'Неверная почта или пароль.',
      sign_in_too_often: 'Слишком много неверных паролей. Немного подождите и попробуйте ещё раз или попросите у администратора ссылку для нового пароля.',
      code_needed: 'Напишите также код.',
      code_wrong: 'Код неверный или уже использован: дождитесь следующего.',
      link_invalid: 'Эту ссылку уже использовали, или она устарела. Попросите новую.',
      owner_exists: 'Первая учётная запись уже создана: войдите или попросите приглашение.',
      no_workspace: 'У вас больше нет роли ни в одном рабочем пространстве: попросите приглашение.',
      https_needed: 'Откройте эту страницу через HTTPS: по пути к этому адресу пароль может прочитать кто угодно.',
    },
  },
};

const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in words) ?? 'en';
const word = words[language];
const at = (id) => document.getElementById(id);
const link = location.hash.slice(1);

// A link is good once: it is not to stay in the history of the browser.
if (link) {
  history.replaceState(null, '', location.pathname);
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

async function call(method, path, body) {
  const answer = await fetch('/manage/v1' + path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { ok: answer.ok, value: text ? JSON.parse(text) : undefined };
}

function shown(id, is) {
  at(id).hidden = !is;
}

// say shows what is wrong, beside the field that it is about.
function say(fault) {
  fault = fault && { ...fault, detail: word.faults[fault.code] ?? fault.detail };
  for (const id of ['name', 'email', 'password', 'code']) {
    const mine = fault?.field === id && !at(id + '-field').hidden;
    at(id + '-fault').textContent = mine ? fault.detail : '';
    at(id).setAttribute('aria-invalid', String(mine));
    if (mine) {
      at(id).focus();
      fault = undefined;
    }
  }
  at('fault').textContent = fault?.detail ?? '';
}

function inside(session) {
  const workspace = session.workspace;
  const values = { ...session.user, workspace: workspace?.name, role: word.roles[workspace?.role ?? 'owner'] };
  at('title').textContent = word.insideTitle;
  at('lead').textContent = '';
  at('who').textContent = fill(workspace ? word.inside : word.insideNowhere, values);
  shown('form', false);
  shown('inside', true);
  at('title').focus();
}

// form asks for what an entrance needs: signIn, owner, invitation, known or reset.
function form(kind, values) {
  const fresh = kind !== 'signIn' && kind !== 'known';
  at('title').textContent = fill(word[(kind === 'known' ? 'invitation' : kind) + 'Title'], values);
  at('lead').textContent = fill(word[kind + 'Lead'] ?? '', values);
  at('go').textContent = word[(kind === 'known' ? 'invitation' : kind) + 'Go'];
  at('password-label').textContent = fresh ? word.newPassword : word.password;
  at('password-hint').textContent = fresh ? word.passwordHint : '';
  at('password').autocomplete = fresh ? 'new-password' : 'current-password';
  at('password').oninput = fresh ? measure : null;
  shown('strength', false);
  shown('name-field', kind === 'owner' || kind === 'invitation');
  shown('email-field', kind === 'owner' || kind === 'signIn');
  shown('inside', false);
  shown('form', true);
  at('form').onsubmit = async (event) => {
    event.preventDefault();
    say();
    at('go').disabled = true;
    await submit(kind);
    at('go').disabled = false;
  };
  document.querySelector('.field:not([hidden]) input').focus();
}

// measure shows how hard the new password is to guess, when somebody stops typing.
let measuring;
function measure() {
  clearTimeout(measuring);
  const password = at('password').value;
  shown('strength', password !== '');
  measuring = password && setTimeout(async () => {
    const about = { link, name: at('name').value, email: at('email').value, password };
    const { ok, value } = await call('POST', '/password/strength', about).catch(() => ({}));
    if (!ok || at('password').value !== password) {
      return;
    }
    at('strength-meter').value = Object.keys(word.strengths).indexOf(value.strength) + 1;
    at('strength-word').textContent = word.faults[value.code] ?? word.strengths[value.strength];
  }, 400);
}

async function submit(kind) {
  const proof = { password: at('password').value, ...(at('code').value && { code: at('code').value }) };
  const sent =
    kind === 'signIn'
      ? call('POST', '/session', { email: at('email').value, ...proof })
      : call('POST', '/links/accept', { link, name: at('name').value, email: at('email').value, ...proof });
  const { ok, value } = await sent.catch(() => ({ value: { detail: word.lost } }));
  if (ok) {
    at('form').reset();
    inside(value);
    return;
  }
  if (value.field === 'code') {
    shown('code-field', true);
  }
  say(value);
}

async function begin() {
  if (!link) {
    const session = await call('GET', '/session');
    return session.ok ? inside(session.value) : form('signIn', {});
  }
  const { ok, value } = await call('POST', '/links/look', { link });
  if (ok) {
    return form(value.kind === 'invitation' && value.known ? 'known' : value.kind, { ...value, role: word.roles[value.role] });
  }
  form('signIn', {});
  say(value);
}

document.documentElement.lang = language;
for (const element of document.querySelectorAll('[data-word]')) {
  element.textContent = word[element.dataset.word];
}
at('title').tabIndex = -1;
at('leave').onclick = async () => {
  const { ok } = await call('DELETE', '/session').catch(() => ({}));
  if (ok) {
    form('signIn', {});
  }
};
begin().catch(() => {
  form('signIn', {});
  say({ detail: word.lost });
});
