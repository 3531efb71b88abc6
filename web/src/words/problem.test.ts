import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from './en';
import { places } from './en/places';
import { foreign, language } from './letters.test-env';
import { placeOf } from './place';
import { meaningOf, sayProblem } from './problem';
import { ru } from './ru';
import { codes as russian } from './ru/problems';
import { givenIn } from './sayer';
import { sentencesIn } from './sentences.test-env';
import { uk } from './uk';
import { places as ukrainianPlaces } from './uk/places';
import { codes as ukrainian } from './uk/problems';

const { sentences, unread, text: source } = sentencesIn(join(import.meta.dirname, '../../../internal'));

/** Codes that the source puts together, and what they become. */
const together: { [expression: string]: string[] } = {
  'place+"_not_utf8"': ['path_not_utf8', 'query_not_utf8'],
  'place+"_nul"': ['path_nul', 'query_nul'],
};

/** Packages whose refusals no person sees, and why. */
const unseen: { [folder: string]: string } = {
  'api/integration': 'systems call it, in English',
  order: 'the integration API alone takes orders',
  dispatch: '/readyz alone asks it',
  sandbox: 'it stands in for Telegram',
  'api/apitest': 'it is of tests',
  'api/oidctest': 'it is of tests',
};

/** Codes that no person sees, of packages that have others, and why. */
const unsaid: { [code: string]: string } = {
  link_unknown: 'the redirect of links answers it, in plain text',
  database_in_use: 'a command answers it',
  too_many_tokens: 'tokens are added by the integration API',
  too_many_devices: 'devices come by the integration API',
  device_invalid: 'devices come by the integration API',
  orders_invalid: 'orders come by the integration API',
  too_many_emails: 'the integration API unsubscribes by emails',
  contact_field_unknown: 'the integration API names the fields of an import',
  window_invalid: 'the integration API lists activities',
  window_too_long: 'the integration API lists activities',
  too_many_events: 'the integration API takes several events at a time',
};

const seen = sentences.filter((s) => !(s.folder in unseen) && !(s.code in unsaid));
const codes = new Set([...seen.map((s) => s.code), ...Object.values(together).flat()]);

const spoken = [['uk', uk, ukrainian], ['ru', ru, russian]] as const;

/** Codes whose sentences name numbers that say nothing to a person. */
const numberless = new Set(['workspace_not_found', 'token_foreign', 'media_not_found', 'media_kind_mismatch', 'webhook_address_taken', 'body_too_deep', 'liquid_too_much']);

/** A sentence as the server would say it, with numbers, and names that are no letters of any language. */
function filled(format: string): { sentence: string; numbers: string[] } {
  const numbers: string[] = [];
  let next = 70;
  const sentence = format.replace(/(?<=(["</]?))%(?:\.\d+)?([a-zA-Z%])/g, (_, before: string, verb: string) => {
    if (verb === '%') return '%';
    if (verb === 's' && !before) return '·';
    next++;
    if (verb === 'd') numbers.push(String(next));
    return verb === 'q' ? `"${next}"` : String(next);
  });
  return { sentence, numbers };
}

test('the source is read', () => {
  expect(new Set(unread)).toEqual(new Set(Object.keys(together)));
  expect(codes.size).toBeGreaterThan(250);
  for (const known of ['campaign_state', 'sign_in_too_often', 'key_name_invalid', 'button_text_missing', 'cell_invalid', 'file_invalid', 'html_tag_unknown', 'links_untracked', 'secret_unreadable', 'body_not_json'])
    expect([...codes]).toContain(known);
  const all = new Set(sentences.map((s) => s.code));
  expect(Object.keys(unsaid).filter((code) => !all.has(code)), 'exceptions that are gone').toEqual([]);
  expect(Object.keys(unseen).filter((folder) => !source.includes(`package ${folder.split('/').at(-1) ?? ''}\n`)), 'packages that are gone').toEqual([]);
});

test.each(spoken)('%s says every code that the server can answer, and none that it cannot', (_tag, _words, said) => {
  expect(Object.keys(said).sort()).toEqual([...codes].sort());
});

test.each(spoken)('%s says every sentence of the source, with its numbers', (tag, words) => {
  const without = new Set<string>();
  for (const { code, format } of seen) {
    // What begins with a word of its own says too little here: rows below have such sentences.
    if (!format || format.startsWith('%s')) continue;
    const { sentence, numbers } = filled(format);
    const said = sayProblem(words, { code, message: sentence, status: 422 });
    expect(said, sentence).not.toContain(sentence);
    expect(said, sentence).not.toMatch(/undefined/);
    if (!numbers.every((n) => said.includes(n))) without.add(code);
    expect(language(said), code).not.toMatch(/[a-z]/i);
    expect(said, code).not.toMatch(foreign[tag]);
  }
  expect(without).toEqual(numberless);
});

test.each(spoken)('%s has whole sentences, each for a part that the source has', (tag, _words, all) => {
  for (const [code, saying] of Object.entries(all)) {
    const texts = typeof saying === 'object' ? saying : { '': saying };
    expect(Object.keys(texts), code).toContain('');
    for (const [part, text] of Object.entries(texts)) {
      expect(source.includes(part), `${code}: ${part}`).toBe(true);
      const said = typeof text === 'function' ? text('71', '72', '73') : text;
      expect(said, code).toMatch(/^[А-ЯЇІЄҐ«<0-9T].*[.?…]$/u);
      expect(language(said), code).not.toMatch(/[a-z]/i);
      expect(said.replace(/<[^>]*>/g, ''), code).not.toMatch(foreign[tag]);
    }
  }
});

test.each([
  ['campaign_in_use', 'campaign 7 (Sale (20% off) "now") is not over: let it go out or cancel it first', ['7', 'Sale (20% off) "now"']],
  ['text_too_long', 'the text has 5000 characters; Telegram takes 4096', ['5000', '4096']],
  ['html_end_tag_unmatched', '</b> stands where </i> should: tags close in the reverse order', ['b', 'i']],
  ['html_tag_unknown', '<mark> is not a tag that Telegram knows; use <b>', ['mark', 'b']],
  ['liquid_tag_unexpected', '{% else %} belongs to no block here; take it out', ['else']],
  ['liquid_tag_unknown', 'there is no {% fro %}; did you mean {% for %}?', ['fro', '{% for %}']],
  ['liquid_filter_unknown', 'there is no filter upcas; did you mean upcase?', ['upcas', 'upcase']],
  ['liquid_variable_unknown', 'there is no contact.frstName; did you mean contact.firstName?', ['contact.frstName', 'contact.firstName']],
  ['liquid_variable_unknown', 'there is no custom field town; GET /manage/v1/messages/variables lists those that there are', ['town']],
  ['foreign_syntax', '$!name would be sent as it stands; write {{ data.name }}, or put it between {% raw %} and {% endraw %} if it is to be shown so', ['$!name', '{{ data.name }}', 'raw', 'endraw']],
  ['webhook_address_taken', 'the webhook "Shop \\"A\\" 7" (12) has this address already: change its statuses instead', ['Shop \\"A\\" 7', '12']],
  ['phone_invalid', 'this is not a phone number: write it in international form, such as +380501234567', []],
  ['webhook_unreachable', 'the address was asked with GET and it answered 500 Internal Server Error; make it answer 200 there, and to POST', ['500', '200']],
])('what changes in the sentence of %s: %s', (_, sentence, given) => {
  expect(givenIn(sentence)).toEqual(given);
});

test('English is what the server says', () => {
  expect(sayProblem(en, { code: 'campaign_not_found', message: 'there is no campaign with this id', status: 404 })).toBe('there is no campaign with this id');
});

test.each([
  ['password_wrong', 'password wrong', 'Пароль неправильний. Спробуйте ще раз.'],
  ['reset_too_often', 'reset too often', 'Посилання просили надто часто. Перевірте пошту або зачекайте … с і спробуйте ще раз.'],
  ['campaign_state', 'campaign state', 'Зараз розсилка в іншому стані, тому це неможливо. Оновіть сторінку й подивіться на неї.'],
  ['quota_over', 'quota over', 'quota over'],
])('what %s means without its sentence', (code, english, inUkrainian) => {
  expect(meaningOf(en, code)).toBe(english);
  expect(meaningOf(uk, code)).toBe(inUkrainian);
});

test.each([
  ['html_tag_unclosed', 'line 3, column 12: <b> is never closed; write </b> where it ends', 'Рядок 3, символ 12. Тег <b> не закрито. Допишіть </b> там, де він закінчується.'],
  ['html_tag_unclosed', 'without values, at "<b> \\"x": <b> is never closed; write </b> where it ends', 'Коли значень немає. Тег <b> не закрито. Допишіть </b> там, де він закінчується.'],
  ['liquid_failed', 'with sample values: nothing can be divided by 0', 'Зі значеннями для прикладу. Підставлення не вдалося виконати. Перевірте значення й фільтри в ньому.'],
  ['campaign_state', 'cannot pause a campaign that is finished: only a campaign that is going out can be paused', 'Призупинити можна лише розсилку, яка надсилається.'],
  ['bot_in_use', 'campaign 7 (Осінь) is not over: let it go out or cancel it first', 'Розсилка 7 «Осінь» ще не завершена. Дочекайтеся її або скасуйте.'],
  ['approval_needed', 'this goes to 1200 recipients, and above 1000 somebody else than its author has to launch it; you, Olena 7, changed the campaign last: ask somebody else who may send', 'Отримувачів 1200. Коли їх понад 1000, запустити розсилку має хтось інший, не її автор. Попросіть того, хто може надсилати.'],
  // Of a newer server: a code that is not known, and a sentence that has lost its number.
  ['quota_over', 'the quota is over', 'Щось введено неправильно. Відповідь сервера: «the quota is over».'],
  ['text_too_long', 'too long', 'Щось введено неправильно. Відповідь сервера: «too long».'],
  ['constructor', 'no', 'Щось введено неправильно. Відповідь сервера: «no».'],
])('uk of %s: %s', (code, message, said) => {
  expect(sayProblem(uk, { code, message, status: 422 })).toBe(said);
});

test.each([
  ['body.name', 'expected length <= 200', 'Назва: задовге, можна символів: щонайбільше 200.'],
  ['body.name', 'expected length >= 1', 'Назва: не заповнено.'],
  ['body.tags', 'expected array length <= 10', 'Позначка: забагато, можна щонайбільше 10.'],
  ['body.ratePerSecond', 'expected number >= 1', 'Повідомлень за секунду: потрібне число від 1.'],
  ['body', 'expected required property text to be present', 'Не заповнено обов’язкове «текст».'],
  ['query.since', 'expected string to be RFC 3339 date-time', 'Since: потрібні дата й час.'],
  ['body.role', 'expected value to be one of "owner, admin"', 'Роль: оберіть одне з наявних значень.'],
  ['body.buttons[0][1].url', 'expected string', 'Кнопка 2 в рядку 1: посилання: потрібен текст.'],
  ['body.x', 'validation has changed', 'X. Відповідь сервера: «validation has changed».'],
])('uk of what is wrong with the form of %s: %s', (location, message, said) => {
  expect(sayProblem(uk, { code: 'invalid_request', message, status: 422, defects: [{ location, message }] })).toBe(said);
});

test.each([
  ['text', 'Text', 'Текст'],
  ['buttons[0][1].url', 'Button 2 in row 1, link', 'Кнопка 2 в рядку 1: посилання'],
  ['buttons[2][0].webApp', 'Button 1 in row 3, Mini App', 'Кнопка 1 в рядку 3: Mini App'],
  ['buttons[2]', 'Row 3 of buttons', 'Рядок кнопок 3'],
  ['buttons', 'Buttons', 'Кнопки'],
  ['media[1]', 'File 2', 'Файл 2'],
  ['media[0].kind', 'File 1, kind', 'Файл 1: вид'],
  ['tags[3]', 'Tag, number 4', 'Позначка, номер 4'],
  ['preview.url', 'Address of the preview', 'Адреса попереднього перегляду'],
  ['translations.uk.text', 'Text (uk)', 'Текст (uk)'],
  ['translations.pt-BR.buttons[0][0].text', 'Button 1 in row 1, text (pt-BR)', 'Кнопка 1 в рядку 1: текст (pt-BR)'],
  ['translations.uk', 'Languages (uk)', 'Мови (uk)'],
  ['something[0].else', 'Something, number 1, else', 'Something, номер 1: else'],
])('the place %s is said', (field, english, inUkrainian) => {
  expect(placeOf(places, field)).toBe(english);
  expect(placeOf(ukrainianPlaces, field)).toBe(inUkrainian);
});
