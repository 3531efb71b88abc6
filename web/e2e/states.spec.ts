import { en as words } from '@/words/en';
import { call, nobody, owner, signIn } from './filled';
import { asPerson } from './person';
import { expect, test, watch } from './test';

const typedHere = 'typed and not saved';

test.describe('signed out', () => {
  test.use({ storageState: nobody });

  test('one comes back to where one wanted to be', async ({ page }) => {
    await page.goto('/contacts?search=Bohdan');
    await expect(page).toHaveURL(/\/start\?to=/);
    await page.getByLabel('Email').fill(owner.email);
    await page.getByLabel('Password').fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(/\/contacts\?search=Bohdan$/);
    await expect(page.getByRole('link', { name: 'Bohdan Shevchuk' })).toBeVisible();
  });

  test('one is led to no other server', async ({ page, bellman }) => {
    const api = await signIn(bellman.url, owner);
    const { cookies } = await api.storageState();
    await api.dispose();
    await page.context().addCookies(cookies);
    const elsewhere = ['//evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', 'https://evil.example', 'javascript:alert(1)', 'evil.example'];
    for (const to of elsewhere) {
      await page.goto(`/start?to=${encodeURIComponent(to)}`);
      await expect(page.getByRole('heading', { name: 'You are signed in' }), to).toBeVisible();
    }
    // What only looks like another server is a path of this one.
    for (const [to, path] of [['/.//evil.example', '//evil.example'], ['/bots', '/bots']] as const) {
      await page.goto(`/start?to=${encodeURIComponent(to)}`);
      await expect.poll(() => page.url(), to).toBe(bellman.url + path);
    }
  });
});

test('what was typed outlives the end of a session', async ({ page, bellman, browser }) => {
  const api = await signIn(bellman.url, owner);
  const context = await browser.newContext({ baseURL: bellman.url, storageState: await api.storageState() });
  const mine = await context.newPage();
  await mine.goto('/messages/new');
  await mine.getByRole('textbox', { name: words.messages.name }).fill('Outlives');
  await call(api, 'DELETE', 'session');
  await api.dispose();
  const text = mine.getByRole('textbox', { name: words.messages.text, exact: true }).first();
  await text.fill(typedHere);
  const dialog = mine.getByRole('dialog', { name: words.again.title });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Password' }).fill(owner.password);
  await dialog.getByRole('button', { name: words.again.go }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => text.evaluate(contentOf)).toBe(typedHere);
  await mine.getByRole('button', { name: words.common.save, exact: true }).click();
  await expect(mine).toHaveURL(/\/messages\/\d+$/);
  await context.close();
  await page.goto('/messages');
  await expect(page.getByRole('link', { name: 'Outlives' })).toBeVisible();
});

test('what was typed outlives a reload', async ({ page }) => {
  await page.goto('/messages/new');
  const text = page.getByRole('textbox', { name: words.messages.text, exact: true }).first();
  await text.fill(typedHere);
  await expect.poll(() => text.evaluate(contentOf)).toBe(typedHere);
  await page.reload();
  await expect.poll(() => text.evaluate(contentOf)).toBe(typedHere);
  await expect(page.getByText(words.messages.restored)).toBeVisible();
});

test('a lost connection is a quiet bar', async ({ page, context }) => {
  await page.goto('/bots');
  await watch(page).settled();
  const bar = page.getByText(words.faults.offline);
  await expect(bar).toBeHidden();
  await context.setOffline(true);
  await expect(bar).toBeVisible();
  // The last data stands.
  await expect(page.getByRole('heading', { level: 1, name: words.bots.title })).toBeVisible();
  await context.setOffline(false);
  await expect(bar).toBeHidden();
});

test('an analyst looks, and sends nothing', async ({ bellman, browser }) => {
  const context = await asPerson(browser, bellman.url, 'analyst', 'Ann');
  const page = await context.newPage();
  const { settled, complaints } = watch(page);
  const places: [string, string[]][] = [
    ['/', [words.home.newCampaign]], ['/campaigns', [words.campaigns.new]], ['/campaigns/2', ['Send to']], ['/messages', [words.messages.new]],
    ['/messages/1', [words.messages.send, words.messages.addButton]], ['/contacts', [words.contacts.import]], ['/audiences', [words.audiences.new]],
    ['/bots', [words.bots.connect]], ['/settings', [words.settings.tabs.people, words.settings.tabs.keys]],
  ];
  for (const [place, names] of places) {
    await page.goto(place);
    await settled();
    for (const name of names) {
      const found = page.getByRole('button', { name }).or(page.getByRole('link', { name })).or(page.getByRole('tab', { name }));
      await expect(found, `${place}: ${name}`).toHaveCount(0);
    }
  }
  expect(complaints).toEqual([]);
  await context.close();
});

/** What a box of text holds, whatever it is made of. */
const contentOf = (box: HTMLElement | SVGElement) => (box instanceof HTMLTextAreaElement ? box.value : (box.textContent ?? ''));
