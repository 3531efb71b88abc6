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
    forgotten: 'Forgot your password?',
    sent: 'If {email} has an account here, a link is on its way to it. The link is good once, for a day.',
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
    enterBy: 'Sign in with {provider}',
    joinBy: 'Join with {provider}',
    connect: 'Connect {provider}',
    disconnect: 'Disconnect {provider}',
    confirmBy: 'Show with {provider} that it is you',
    denied: 'The provider has not let you in, or you went back.',
    stopped: 'The provider answered: {reason}.',
    lost: 'The server does not answer. Nothing was changed; try again in a moment.',
    roles: { owner: 'owner', admin: 'admin', marketer: 'marketer', writer: 'writer', agent: 'agent', analyst: 'analyst' },
    faults: {
      confirm_first: 'Sign in again before you do this: it was a while ago.',
      errand_over: 'This took too long, or was begun in another browser. Begin again.',
      provider_not_found: 'Nobody signs in by this provider any more.',
      provider_unavailable: 'The provider does not answer as it should. Try again in a moment, or sign in another way.',
      provider_refuses_us: 'The provider does not know this Bellman. Tell who runs it.',
      provider_refused: 'What the provider answered opens nothing here. Begin again, and tell who runs Bellman when this goes on.',
      provider_not_anew: 'The provider does not say that you have signed in there just now. Use your password or a passkey.',
      email_unverified: 'The provider does not vouch for an email of yours. Ask who runs it, or come in by an invitation and a password.',
      domain_unknown: 'Nobody comes in here with an email of this domain. Ask for an invitation.',
      connect_first: 'There is an account with your email. Sign in as before, and connect the provider then.',
      invited_another: 'The invitation is for another email than the one at the provider.',
      account_of_another: 'This is not the account with which you are connected.',
      account_taken: 'This account at the provider is connected already.',
      account_second: 'You are connected with another account there. Disconnect that one first.',
      last_way_in: 'You would have no way to sign in any more: ask an admin for a link to choose a password first.',
      name_invalid: 'Write your name, in up to 100 characters.',
      email_invalid: 'Write an email address, such as olena@example.com.',
      email_taken: 'There is an account with this email.',
      password_short: 'Choose at least 12 characters.',
      password_long: 'Choose at most 256 characters.',
      password_common: 'This password is easy to guess: choose a few words that do not belong together.',
      sign_in_refused: 'The email or the password is wrong.',
      sign_in_too_often: 'Too many attempts failed. Wait a little and try again, or ask an admin for a link to choose a new password.',
      reset_too_often: 'A link was asked for too often. Look for the mail, or try again a little later.',
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
    forgotten: 'Забули пароль?',
    sent: 'Якщо тут є обліковий запис із поштою {email}, туди вже надіслано посилання. Воно діє один раз, упродовж доби.',
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
    enterBy: 'Увійти через {provider}',
    joinBy: 'Приєднатися через {provider}',
    connect: 'Під’єднати {provider}',
    disconnect: 'Від’єднати {provider}',
    confirmBy: 'Підтвердити через {provider}, що це ви',
    denied: 'Постачальник входу вас не впустив, або ви повернулися.',
    stopped: 'Постачальник входу відповів: {reason}.',
    lost: 'Сервер не відповідає. Нічого не змінено; спробуйте за мить.',
    roles: { owner: 'власник', admin: 'адміністратор', marketer: 'маркетолог', writer: 'автор', agent: 'оператор підтримки', analyst: 'аналітик' },
    faults: {
      confirm_first: 'Спершу увійдіть ще раз: це було давненько.',
      errand_over: 'Це тривало задовго або почалося в іншому браузері. Почніть спочатку.',
      provider_not_found: 'Через цього постачальника вже не входять.',
      provider_unavailable: 'Постачальник входу не відповідає як слід. Спробуйте за мить або увійдіть інакше.',
      provider_refuses_us: 'Постачальник входу не знає цього Bellman. Скажіть тому, хто ним опікується.',
      provider_refused: 'Відповідь постачальника тут нічого не відчиняє. Почніть спочатку, а якщо не минеться, скажіть тому, хто опікується Bellman.',
      provider_not_anew: 'Постачальник не каже, що ви щойно там увійшли. Скористайтеся паролем або ключем доступу.',
      email_unverified: 'Постачальник не підтверджує вашої пошти. Запитайте того, хто ним опікується, або прийдіть із запрошенням і паролем.',
      domain_unknown: 'З поштою цього домену сюди не входять. Попросіть запрошення.',
      connect_first: 'Обліковий запис із вашою поштою вже є. Увійдіть як раніше, а тоді під’єднайте постачальника.',
      invited_another: 'Запрошення для іншої пошти, ніж у постачальника.',
      account_of_another: 'Це не той запис, з яким ви під’єднані.',
      account_taken: 'Цей запис у постачальника вже під’єднано.',
      account_second: 'Ви під’єднані з іншим записом. Спершу від’єднайте його.',
      last_way_in: 'Ви більше не змогли б увійти: спершу попросіть адміністратора про посилання, щоб обрати пароль.',
      name_invalid: 'Напишіть своє ім’я, до 100 символів.',
      email_invalid: 'Напишіть адресу електронної пошти, наприклад olena@example.com.',
      email_taken: 'Обліковий запис із цією поштою вже є.',
      password_short: 'Оберіть щонайменше 12 символів.',
      password_long: 'Оберіть щонайбільше 256 символів.',
      password_common: 'Цей пароль легко вгадати: оберіть кілька слів, які не пасують одне до одного.',
      sign_in_refused: 'Неправильна пошта або пароль.',
      sign_in_too_often: 'Забагато невдалих спроб. Трохи зачекайте й спробуйте ще раз або попросіть адміністратора про посилання для нового пароля.',
      reset_too_often: 'Посилання просили надто часто. Пошукайте лист або спробуйте трохи згодом.',
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
    forgotten: 'Забыли пароль?',
    sent: 'Если здесь есть учётная запись с почтой {email}, туда уже отправлена ссылка. Она действует один раз, в течение суток.',
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
    enterBy: 'Войти через {provider}',
    joinBy: 'Присоединиться через {provider}',
    connect: 'Подключить {provider}',
    disconnect: 'Отключить {provider}',
    confirmBy: 'Подтвердить через {provider}, что это вы',
    denied: 'Поставщик входа вас не впустил, или вы вернулись.',
    stopped: 'Поставщик входа ответил: {reason}.',
    lost: 'Сервер не отвечает. Ничего не изменено; попробуйте через минуту.',
    roles: { owner: 'владелец', admin: 'администратор', marketer: 'маркетолог', writer: 'автор', agent: 'оператор поддержки', analyst: 'аналитик' },
    faults: {
      confirm_first: 'Сначала войдите ещё раз: это было давно.',
      errand_over: 'Это длилось слишком долго или началось в другом браузере. Начните сначала.',
      provider_not_found: 'Через этого поставщика больше не входят.',
      provider_unavailable: 'Поставщик входа не отвечает как следует. Попробуйте через минуту или войдите иначе.',
      provider_refuses_us: 'Поставщик входа не знает этого Bellman. Скажите тому, кто им занимается.',
      provider_refused: 'Ответ поставщика здесь ничего не открывает. Начните сначала, а если не пройдёт, скажите тому, кто занимается Bellman.',
      provider_not_anew: 'Поставщик не говорит, что вы только что там вошли. Используйте пароль или ключ доступа.',
      email_unverified: 'Поставщик не подтверждает вашу почту. Спросите того, кто им занимается, или придите с приглашением и паролем.',
      domain_unknown: 'С почтой этого домена сюда не входят. Попросите приглашение.',
      connect_first: 'Учётная запись с вашей почтой уже есть. Войдите как раньше, а затем подключите поставщика.',
      invited_another: 'Приглашение для другой почты, чем у поставщика.',
      account_of_another: 'Это не та запись, с которой вы подключены.',
      account_taken: 'Эта запись у поставщика уже подключена.',
      account_second: 'Вы подключены с другой записью. Сначала отключите её.',
      last_way_in: 'Вы больше не смогли бы войти: сначала попросите у администратора ссылку, чтобы выбрать пароль.',
      name_invalid: 'Напишите своё имя, до 100 символов.',
      email_invalid: 'Напишите адрес электронной почты, например olena@example.com.',
      email_taken: 'Учётная запись с этой почтой уже есть.',
      password_short: 'Выберите не меньше 12 символов.',
      password_long: 'Выберите не больше 256 символов.',
      password_common: 'Этот пароль легко угадать: выберите несколько слов, не связанных между собой.',
      sign_in_refused: 'Неверная почта или пароль.',
      sign_in_too_often: 'Слишком много неудачных попыток. Немного подождите и попробуйте ещё раз или попросите у администратора ссылку для нового пароля.',
      reset_too_often: 'Ссылку просили слишком часто. Поищите письмо или попробуйте немного позже.',
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
const back = new URLSearchParams(location.pathname === '/start/provider' ? location.search : '');
const wanted = place(new URLSearchParams(location.search).get('to'));

// place returns the address on this server that a path names, undefined for everything else. Browsers read //host and
// /\host as other servers, so it is the origin that they read which is compared.
function place(path) {
  const read = path?.startsWith('/') && URL.canParse(path, location.origin) ? new URL(path, location.origin) : undefined;
  return read?.origin === location.origin ? read.href : undefined;
}

// What is good once is not to stay in the history of the browser.
if (link || location.pathname !== '/start') {
  history.replaceState(null, '', '/start');
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

// leave goes to a provider, from which the browser comes back to this page.
async function leave(path, provider, more) {
  say();
  const { ok, value } = await call('POST', path + '/begin', { providerId: provider, ...more }).catch(() => ({ value: { detail: word.lost } }));
  if (ok) {
    location.assign(value.address);
    return;
  }
  tell(value);
}

// tell says what is wrong where that is seen.
function tell(fault) {
  say(fault);
  at('inside-fault').textContent = fault ? (word.faults[fault.code] ?? fault.detail) : '';
}

function button(text, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'quiet';
  made.textContent = text;
  made.onclick = async () => {
    made.disabled = true;
    await act();
    made.disabled = false;
  };
  return made;
}

// list returns the items at an address; none where there is no answer: they are a further
// way, and not the only one.
async function list(path) {
  const { ok, value } = await call('GET', path).catch(() => ({}));
  return ok ? value.items : [];
}

// ways shows how else one may come in: the providers, and a link for a new password.
async function ways(kind) {
  const invited = kind === 'invitation' || kind === 'known';
  const { ok, value } = kind === 'signIn' || invited ? await call('GET', '/session/providers').catch(() => ({})) : {};
  const text = invited ? word.joinBy : word.enterBy;
  const more = invited ? { link } : {};
  const some = (ok ? value.items : []).map((p) => button(fill(text, { provider: p.name }), () => leave('/session/provider', p.id, more)));
  if (ok && value.mail && kind === 'signIn') {
    some.push(button(word.forgotten, forget));
  }
  at('ways').replaceChildren(...some);
  shown('ways', some.length > 0);
}

// forget has a link for a new password sent to the email that is in the form.
async function forget() {
  const email = at('email').value;
  const { ok, value } = await call('POST', '/session/forgotten', { email }).catch(() => ({ value: { detail: word.lost } }));
  say(ok ? undefined : value);
  at('lead').textContent = ok ? fill(word.sent, { email }) : '';
}

// accounts shows the providers by which a person may sign in from now on, or not any more.
async function accounts() {
  const [some, mine] = await Promise.all([list('/session/providers'), list('/me/providers')]);
  const others = some.filter((p) => !mine.some((account) => account.providerId === p.id));
  at('accounts').replaceChildren(
    ...others.map((p) => button(fill(word.connect, { provider: p.name }), () => leave('/me/providers', p.id))),
    ...mine.flatMap((account) => [
      button(fill(word.confirmBy, { provider: account.name }), () => leave('/session/confirm/provider', account.providerId)),
      button(fill(word.disconnect, { provider: account.name }), () => disconnect(account.providerId)),
    ]),
  );
}

async function disconnect(provider) {
  tell();
  const { ok, value } = await call('DELETE', '/me/providers/' + provider).catch(() => ({ value: { detail: word.lost } }));
  if (!ok) {
    tell(value);
    return;
  }
  await accounts();
}

// doors are where what a provider has answered goes, by what the state begins with.
const doors = { enter: '/session/provider', connect: '/me/providers', confirm: '/session/confirm/provider' };

// arrive brings an answer of a provider to the server, and returns what is wrong.
async function arrive() {
  if (back.has('error')) {
    const reason = /^[a-z_]{1,40}$/.test(back.get('error')) ? back.get('error') : '?';
    return { detail: reason === 'access_denied' ? word.denied : fill(word.stopped, { reason }) };
  }
  const state = back.get('state') ?? '';
  const door = doors[state.split('.', 1)[0]] ?? doors.enter;
  const iss = back.get('iss');
  const { ok, value } = await call('POST', door, { code: back.get('code') ?? '', state, ...(iss && { iss }) });
  return ok ? undefined : value;
}

// enter leads who has signed in to where they wanted. Without a role in a workspace there is nothing to see there.
function enter(session) {
  if (session.workspace) {
    location.replace(wanted ?? '/');
  } else {
    inside(session);
  }
}

function inside(session) {
  const workspace = session.workspace;
  const values = { ...session.user, workspace: workspace?.name, role: word.roles[workspace?.role ?? 'owner'] };
  at('title').textContent = word.insideTitle;
  at('lead').textContent = '';
  at('who').textContent = fill(workspace ? word.inside : word.insideNowhere, values);
  shown('form', false);
  shown('ways', false);
  shown('inside', true);
  at('title').focus();
  accounts();
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
  ways(kind);
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
    enter(value);
    return;
  }
  if (value.field === 'code') {
    shown('code-field', true);
  }
  say(value);
}

async function begin() {
  if (!link) {
    const fault = back.size ? await arrive() : undefined;
    const session = await call('GET', '/session');
    const entered = !fault && back.get('state')?.startsWith('enter.');
    if (session.ok && (wanted || entered)) {
      enter(session.value);
    } else if (session.ok) {
      inside(session.value);
    } else {
      form('signIn', {});
    }
    return tell(fault);
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
