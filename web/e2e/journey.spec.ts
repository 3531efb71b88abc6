import { expect, type Page, test } from '@playwright/test';
import { en as words } from '@/words/en';
import { type Bellman, type Engine, startBellman } from './bellman';
import { owner } from './filled';
import { arrived, follow } from './sandbox';
import { watch } from './test';

// From an empty disk to a click, by what is seen alone.
for (const engine of ['sqlite', 'postgres'] as Engine[]) {
  test(`the first message goes out, on ${engine}`, async ({ page }) => {
    const bellman = await startBellman(engine);
    try {
      const { complaints } = watch(page);
      await enter(page, bellman);
      await write(page);
      await draft(page);
      await takeBack(page);
      await launch(page, bellman);
      await click(page, bellman);
      // Who comes has no session yet, and is told so once.
      expect(complaints.filter((c) => !c.includes('status of 401'))).toEqual([]);
    } finally {
      await page.close();
      await bellman.stop();
    }
  });
}

async function enter(page: Page, bellman: Bellman) {
  await page.goto(bellman.ownerLink);
  await page.getByLabel('Your name').fill('Olena');
  await page.getByLabel('Email').fill(owner.email);
  await page.getByLabel('New password').fill(owner.password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await expect(page.getByRole('heading', { level: 1, name: words.home.title })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/');
  await page.getByRole('link', { name: words.home.welcome }).first().click();
  // The sandbox's bot and its people are there: the first two steps have ticked themselves.
  await expect(page.getByText('100 subscribers')).toBeVisible();
}

async function write(page: Page) {
  await page.getByRole('link', { name: words.welcome.messageGo }).click();
  await page.getByRole('textbox', { name: words.messages.name }).fill('Spring sale');
  await page.getByRole('textbox', { name: words.messages.text, exact: true }).first().fill('Spring has come: 20% off until Sunday');
  await page.getByRole('button', { name: words.messages.addButton }).click();
  await page.getByRole('textbox', { name: words.messages.buttonText, exact: true }).last().fill('To the shop');
  await page.getByRole('textbox', { name: words.messages.deedValue.url, exact: true }).last().fill('https://shop.example/sale');
  await page.getByRole('button', { name: words.common.save, exact: true }).click();
  await expect(page).toHaveURL(/\/messages\/1$/);
}

async function draft(page: Page) {
  await page.getByRole('link', { name: words.messages.send }).click();
  await expect(page.getByRole('heading', { level: 1, name: words.campaigns.new })).toBeVisible();
  await page.getByRole('textbox', { name: words.campaigns.name, exact: true }).fill('Spring, everybody');
  await page.getByRole('button', { name: words.campaigns.create }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Spring, everybody' })).toBeVisible();
}

const send = (page: Page) => page.getByRole('button', { name: 'Send to 100 people now' });

async function takeBack(page: Page) {
  await send(page).click();
  await page.getByRole('button', { name: words.campaigns.takeBack }).click();
  await expect(send(page)).toBeVisible();
}

async function launch(page: Page, bellman: Bellman) {
  await send(page).click();
  await expect(page.getByRole('timer')).toBeVisible();
  expect(await arrived(bellman.sandbox)).toEqual([]);
  // It leaves whether or not somebody looks.
  await page.getByRole('link', { name: words.nav.messages }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: words.messages.title })).toBeVisible();
  await page.goBack();
  // Ten seconds to take it back, then more than three at Telegram's pace.
  await expect(page.getByText(words.campaigns.states.sending, { exact: true }).first()).toBeVisible();
  await expect(page.getByText(words.campaigns.states.finished, { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: '100 sent' })).toBeVisible();
  expect(await arrived(bellman.sandbox)).toHaveLength(100);
}

async function click(page: Page, bellman: Bellman) {
  await expect(page.getByText('0 clicked')).toBeVisible();
  const [first] = await arrived(bellman.sandbox);
  if (!first) throw new Error('nothing arrived');
  expect(await follow(bellman.url, first)).toMatch(/^https:\/\/shop\.example\/sale\?utm_source=/);
  await page.reload();
  await expect(page.getByText('1 clicked')).toBeVisible();
  await expect(page.getByRole('row', { name: /To the shop: https:\/\/shop\.example\/sale 1 1/ })).toBeVisible();
}
