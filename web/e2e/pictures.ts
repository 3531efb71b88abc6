import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { APIRequestContext } from '@playwright/test';
import { type Bellman, startBellman } from './bellman';
import { call, owner, signIn, until } from './filled';
import { locales } from './places';
import { arrange, arrived, follow } from './sandbox';
import { test, watch } from './test';

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

/** The screens that the documentation shows, by the names of their pictures. */
const pictures = { home: '/', message: '/messages/1', launch: '/campaigns/3', report: '/campaigns/1', contacts: '/contacts' };

const names = ['Olena', 'Bohdan', 'Iryna', 'Taras', 'Mariia', 'Andrii', 'Kateryna', 'Yurii', 'Sofiia', 'Ostap', 'Nadiia'];
const families = ['Kovalenko', 'Shevchuk', 'Tkach', 'Bondar', 'Melnyk', 'Kravets', 'Lysenko'];

/** A shop with a hundred subscribers: one campaign has gone out, one waits, one is about to be launched. */
async function open(api: APIRequestContext, { url, sandbox }: Bellman) {
  await call(api, 'PATCH', 'workspace', { timeZone: 'Europe/Kyiv', phoneRegion: 'UA' });
  for (let i = 1; i <= 100; i++) {
    const [firstName, lastName] = [names[i % names.length], families[i % families.length]];
    await call(api, 'PATCH', `contacts/${i}`, { firstName, lastName, phone: `+38050${String(1_000_000 + i * 7919)}`, ...(i % 3 > 0 && { email: `${firstName}.${i}@example.com`.toLowerCase() }) });
  }
  const group = await call<{ id: number }>(api, 'POST', 'groups', { name: 'Regulars' });
  await call(api, 'POST', `groups/${group.id}/attach`, { contactIds: Array.from({ length: 40 }, (_, i) => 2 * i + 1) });
  const spring = await call<{ id: number }>(api, 'POST', 'messages', {
    name: 'Spring sale',
    text: '<b>20% off until Sunday</b>\n\n{{ contact.firstName | default: "Hello" }}, our <a href="https://shop.example/spring">spring sale</a> has begun. The best sizes go first.',
    buttons: [[{ text: 'To the shop', url: 'https://shop.example/sale' }, { text: 'Where we are', url: 'https://shop.example/map' }]],
  });
  const shoes = await call<{ id: number }>(api, 'POST', 'messages', { name: 'New shoes', text: 'The new ones are here.' });
  await arrange(sandbox, 'people', { bot: 4242424242, state: 'blocked', chats: [1000003, 1000042, 1000077] });
  const all = { botId: 1, audience: { all: true } };
  const sent = await call<{ id: number }>(api, 'POST', 'campaigns', { ...all, name: 'Spring sale, everybody', messageId: spring.id });
  await call(api, 'POST', `campaigns/${sent.id}/launch`, {});
  await until(async () => (await call<{ state: string }>(api, 'GET', `campaigns/${sent.id}`)).state === 'finished');
  for (const one of (await arrived(sandbox)).slice(0, 23)) await follow(url, one);
  await until(async () => (await call<{ counts: { clicked: number } }>(api, 'GET', `campaigns/${sent.id}`)).counts.clicked === 23);
  const later = await call<{ id: number }>(api, 'POST', 'campaigns', { ...all, name: 'New shoes, regulars', messageId: shoes.id, audience: { groups: [group.id] } });
  await call(api, 'POST', `campaigns/${later.id}/launch`, { at: new Date(Date.now() + 40 * 3_600_000).toISOString() });
  await call(api, 'POST', 'campaigns', { ...all, name: 'Spring sale, last day', messageId: spring.id, audience: { all: true, excludedGroups: [group.id] } });
}

test('the pictures of the documentation', async ({ browser, contextOptions }) => {
  await mkdir(folder, { recursive: true });
  const bellman = await startBellman('sqlite', { BELLMAN_OWNER_EMAIL: owner.email, BELLMAN_OWNER_PASSWORD: owner.password });
  const api = await signIn(bellman.url, owner);
  try {
    await open(api, bellman);
    const context = await browser.newContext({
      ...contextOptions, locale: locales.en, viewport: { width: 1280, height: 800 }, colorScheme: 'light', baseURL: bellman.url, storageState: await api.storageState(),
    });
    const page = await context.newPage();
    const { settled } = watch(page);
    for (const [name, place] of Object.entries(pictures)) {
      await page.goto(place);
      await settled();
      await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
    }
    await context.close();
  } finally {
    await api.dispose();
    await bellman.stop();
  }
});
