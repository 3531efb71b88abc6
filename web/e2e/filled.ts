import { type APIRequestContext, request } from '@playwright/test';
import { startBellman } from './bellman';
import { arrange, arrived, follow } from './sandbox';

export const owner = { email: 'olena@shop.example', password: 'a bell rings at dusk here' };

/** What the browser of somebody who has not signed in keeps. Without it a context has what the test's own page has. */
export const nobody = { cookies: [], origins: [] };

/** Signs somebody in, by a context of their own. */
export async function signIn(url: string, who: { email: string; password: string }): Promise<APIRequestContext> {
  const api = await request.newContext({ baseURL: url, storageState: nobody });
  await call(api, 'POST', 'session', who);
  return api;
}

/** Calls the management API; what it refuses is an error. */
export async function call<T = unknown>(api: APIRequestContext, method: string, path: string, data?: unknown): Promise<T> {
  const answer = await api.fetch(`/manage/v1/${path}`, { method, data });
  const text = await answer.text();
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Starts a Bellman with an owner, in which every screen has something to show. */
export async function startFilled() {
  const bellman = await startBellman('sqlite', { BELLMAN_OWNER_EMAIL: owner.email, BELLMAN_OWNER_PASSWORD: owner.password });
  try {
    const api = await signIn(bellman.url, owner);
    await fill(api, bellman.url, bellman.sandbox);
    const state = await api.storageState();
    await api.dispose();
    return { ...bellman, state };
  } catch (error) {
    await bellman.stop();
    throw error;
  }
}

const people = [
  { firstName: 'Олена', lastName: 'Коваленко-Островська', email: 'olena.kovalenko-ostrovska@example.com', phone: '+380501234567' },
  { firstName: 'Bohdan', lastName: 'Shevchuk', email: 'bohdan@example.com', phone: '+380671234567' },
  { firstName: 'Марія', lastName: 'Ткач', phone: '+380931234567' },
  { firstName: 'Łukasz', email: 'lukasz@example.com' },
];

async function fill(api: APIRequestContext, url: string, sandbox: string) {
  for (const [i, person] of people.entries()) await call(api, 'PATCH', `contacts/${i + 1}`, person);
  const card = await call<{ id: number }>(api, 'POST', 'fields', { name: 'Картка лояльності', type: 'text' });
  await call(api, 'PATCH', 'contacts/1', { fields: [{ id: card.id, value: 'gold' }] });
  const group = await call<{ id: number }>(api, 'POST', 'groups', { name: 'Постійні покупці інтернет-магазину' });
  await call(api, 'POST', `groups/${group.id}/attach`, { contactIds: [1, 2, 3, 4] });
  const message = await call<{ id: number }>(api, 'POST', 'messages', {
    name: 'Весняний розпродаж для постійних покупців',
    text: '<b>Весняний розпродаж</b>\nВітаємо, {{ contact.firstName | default: "друже" }}! Знижки до <i>40 %</i> на <a href="https://shop.example/sale">все</a>.',
    buttons: [[{ text: 'До магазину', url: 'https://shop.example/' }]],
  });
  // One of them has blocked the bot, and one follows the button.
  await arrange(sandbox, 'people', { bot: 4242424242, state: 'blocked', chats: [1000003] });
  const draft = { name: 'Весняний розпродаж: постійні покупці', botId: 1, messageId: message.id, audience: { groups: [group.id] } };
  const sent = await call<{ id: number }>(api, 'POST', 'campaigns', draft);
  await call(api, 'POST', `campaigns/${sent.id}/launch`, {});
  await until(async () => (await call<{ state: string }>(api, 'GET', `campaigns/${sent.id}`)).state === 'finished');
  const [first] = await arrived(sandbox);
  if (first) await follow(url, first);
  await until(async () => (await call<{ counts: { clicked: number } }>(api, 'GET', `campaigns/${sent.id}`)).counts.clicked === 1);
  await call(api, 'POST', 'campaigns', { ...draft, name: 'Чернетка для всіх', audience: { all: true } });
  const later = await call<{ id: number }>(api, 'POST', 'campaigns', { ...draft, name: 'Наступного року' });
  await call(api, 'POST', `campaigns/${later.id}/launch`, { at: new Date(Date.now() + 200 * 86_400_000).toISOString() });
}

const patience = 30_000;
const interval = 50;

/** Asks until something is so. */
export async function until(is: () => Promise<boolean>) {
  for (const deadline = Date.now() + patience; !(await is()); ) {
    if (Date.now() > deadline) throw new Error(`not within ${patience / 1000} s: ${is.toString()}`);
    await new Promise((done) => setTimeout(done, interval));
  }
}
