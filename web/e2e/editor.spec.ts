import { en as words } from '@/words/en';
import { call, owner, signIn } from './filled';
import { asPerson } from './person';
import { expect, test } from './test';

const w = words.messages;

test('two who write at one message know of each other, and decide which version counts', async ({ bellman, page, browser }) => {
  const api = await signIn(bellman.url, owner);
  const { id } = await call<{ id: number }>(api, 'POST', 'messages', { name: 'Ours', text: 'The first words' });
  const context = await asPerson(browser, bellman.url, 'writer', 'Bohdan');
  const other = await context.newPage();
  await other.goto(`/messages/${id}`);
  await expect(other.getByRole('textbox', { name: w.text, exact: true })).toHaveText('The first words');
  await page.goto(`/messages/${id}`);
  await expect(page.getByText(words.common.alsoHere('Bohdan'))).toBeVisible();

  await page.getByRole('textbox', { name: w.text, exact: true }).fill('What Olena wrote');
  await expect.poll(async () => (await call<{ text: string }>(api, 'GET', `messages/${id}`)).text).toBe('What Olena wrote');
  await other.getByRole('textbox', { name: w.text, exact: true }).fill('What Bohdan wrote');
  const dialog = other.getByRole('dialog', { name: w.conflictTitle });
  await expect(dialog).toContainText('What Olena wrote');
  await expect(dialog).toContainText('What Bohdan wrote');
  await dialog.getByRole('button', { name: w.conflictMine }).click();
  await expect.poll(async () => (await call<{ text: string }>(api, 'GET', `messages/${id}`)).text).toBe('What Bohdan wrote');
  const versions = await call<{ items: { number: number }[] }>(api, 'GET', `messages/${id}/versions`);
  const texts = await Promise.all(versions.items.map(async (v) => (await call<{ content: { text: string } }>(api, 'GET', `messages/${id}/versions/${v.number}`)).content.text));
  expect(texts).toContain('What Olena wrote');
  await context.close();
  await api.dispose();
});

test('a message is begun with a sample, its buttons are moved by hand and by keys, its links say where they lead', async ({ page }) => {
  await page.goto('/messages/new');
  const sale = words.samples.all[0];
  await page.getByRole('button', { name: sale?.name, exact: true }).click();
  const text = page.getByRole('textbox', { name: w.text, exact: true });
  await expect(text).toContainText('20% off until Sunday');
  const grid = page.getByRole('group', { name: w.buttons });
  const caps = () => grid.locator('[aria-haspopup=dialog]').allTextContents();
  const form = page.getByRole('dialog');
  const url = page.getByRole('textbox', { name: w.deedValue.url, exact: true });

  await grid.getByRole('button', { name: 'To the shop' }).click();
  await url.fill('https://shop.example/sale');
  await expect(form).toContainText('utm_campaign=Sale');
  await form.getByRole('button', { name: words.common.done }).click();
  await grid.getByRole('button', { name: w.addBeside(1) }).click();
  await page.getByRole('textbox', { name: w.buttonText, exact: true }).fill('Map');
  await url.fill('https://shop.example/map');
  expect(await caps()).toEqual(['To the shop', 'Map']);
  // Step by step, as who does not drag.
  await form.getByRole('button', { name: w.move.left }).click();
  await expect.poll(caps).toEqual(['Map', 'To the shop']);
  await form.getByRole('button', { name: words.common.done }).click();
  await grid.getByRole('button', { name: 'To the shop' }).dragTo(grid.getByRole('button', { name: 'Map' }), { targetPosition: { x: 4, y: 12 } });
  await expect.poll(caps).toEqual(['To the shop', 'Map']);

  await text.press('Control+End');
  await page.getByRole('button', { name: words.common.emoji, exact: true }).first().click();
  await page.getByRole('searchbox', { name: words.common.search }).fill('sparkling heart');
  // By Enter once it is the first that is found.
  await expect(page.getByRole('gridcell').first()).toHaveAccessibleName('sparkling heart');
  await page.keyboard.press('Enter');
  await expect(text).toContainText('💖');
  await page.getByRole('button', { name: words.common.save, exact: true }).click();
  await expect(page).toHaveURL(/\/messages\/\d+$/);
});

test('a value says who lacks it, and leads to them', async ({ page }) => {
  await page.goto('/messages/new');
  await page.getByRole('button', { name: words.samples.all[1]?.name, exact: true }).click();
  await page.getByText('firstName', { exact: true }).click();
  await page.getByRole('link', { name: /lack it$/ }).click();
  await expect(page).toHaveURL(/\/contacts\?chat=active&lacks=firstName$/);
  await expect(page.getByRole('button', { name: `${words.contacts.lacks}: ${words.contacts.attributes.firstName}` })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Олена' })).toHaveCount(0);
  await page.getByRole('button', { name: words.common.removeFilter(words.contacts.lacks) }).click();
  await expect(page).toHaveURL(/\/contacts\?chat=active$/);
});

test('schedules go by the zone of the workspace, which is named where it is another', async ({ bellman, browser }) => {
  const api = await signIn(bellman.url, owner);
  await call(api, 'PATCH', 'workspace', { timeZone: 'Asia/Almaty' });
  const context = await browser.newContext({ baseURL: bellman.url, storageState: bellman.state, timezoneId: 'Europe/Kyiv' });
  try {
    const page = await context.newPage();
    await page.goto('/campaigns/2');
    await page.getByText(words.campaigns.at, { exact: true }).click();
    const year = new Date().getFullYear() + 1;
    await page.getByLabel(words.campaigns.atLabel).fill(`${year}-01-15T10:00`);
    await expect(page.getByText(words.common.dateIn('Asia/Almaty'))).toBeVisible();
    await expect(page.getByRole('button', { name: /Almaty Time|GMT\+5/ })).toContainText('10:00');
  } finally {
    await call(api, 'PATCH', 'workspace', { timeZone: '' });
    await api.dispose();
    await context.close();
  }
});
