import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { en as words } from '@/words/en';
import { expect, test, watch } from './test';

// The campaign has gone to four people: one of them had blocked the bot, one followed the button.
const report = '/campaigns/1';
const list = (page: Page) => page.getByRole('region', { name: words.campaigns.who });
const rows = (page: Page) => list(page).getByRole('row').filter({ has: page.getByRole('cell') });

/** Presses a number, and looks at the people that it opens. */
async function opens(page: Page, name: string | RegExp, people: string[]) {
  await page.goto(report);
  await watch(page).settled();
  await page.getByRole('link', { name, exact: typeof name === 'string' }).first().click();
  await expect(rows(page)).toHaveCount(people.length);
  for (const who of people) await expect(list(page).getByRole('link', { name: who })).toBeVisible();
  // The address is enough.
  await page.reload();
  await expect(rows(page)).toHaveCount(people.length);
}

test('every number opens its people', async ({ page }) => {
  await opens(page, '3 sent', ['Bohdan', 'Łukasz', 'Олена']);
  await opens(page, /^1 clicked/, ['']);
  await opens(page, words.campaigns.leftBecause(1), ['Марія']);
  await page.goto(report);
  await page.getByRole('row', { name: words.reasons.bot_blocked }).getByRole('link', { name: '1', exact: true }).click();
  await expect(page).toHaveURL(/status=failed.*reason=.*bot_blocked.*#people$/);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: words.campaigns.takeOff(words.reasons.bot_blocked) }).click();
  await expect(page).not.toHaveURL(/reason/);
  await page.getByRole('group', { name: words.common.status }).getByText(words.common.all, { exact: true }).click();
  await expect(rows(page)).toHaveCount(4);
  const button = page.getByRole('row', { name: /До магазину/ });
  await button.getByRole('link', { name: '1', exact: true }).last().click();
  await expect(page).toHaveURL(/link=\d/);
  await expect(rows(page)).toHaveCount(1);
  await page.goBack();
  await expect(rows(page)).toHaveCount(4);
});

test('a report is divided by language and group, with the people behind each', async ({ page }) => {
  await page.goto(report);
  await page.getByText(words.campaigns.byGroup, { exact: true }).click();
  const group = page.getByRole('row', { name: /Постійні покупці/ });
  await expect(group).toContainText('75%');
  await group.getByRole('link', { name: '4', exact: true }).click();
  await expect(page).toHaveURL(/groupId=1/);
  await expect(rows(page)).toHaveCount(4);
  await page.getByText(words.campaigns.byLanguage, { exact: true }).click();
  await expect(page.getByRole('table', { name: words.campaigns.byLanguage })).toBeVisible();
  await expect(page).toHaveURL(/by=language/);
});

test('people and figures come as files', async ({ page }) => {
  await page.goto(`${report}?status=failed`);
  const [people] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: words.campaigns.csvPeople }).click()]);
  expect(people.suggestedFilename()).toBe('Весняний розпродаж_ постійні покупці.csv');
  const text = await readFile(await people.path(), 'utf8');
  expect(text.codePointAt(0)).toBe(0xfeff);
  const lines = text.trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/settledAt \([\w/]+\)/);
  expect(lines[1]).toMatch(/^Марія,Ткач,'\+380931234567,.*,failed,bot_blocked,the person blocked the bot,/);
  await page.getByRole('button', { name: words.common.actions }).click();
  const [figures] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: words.campaigns.csvReport }).click()]);
  expect(await readFile(await figures.path(), 'utf8')).toContain('recipients,sent,"Telegram took it; whether it was read, Telegram does not tell",,3,0.7500');
});

test('two campaigns are compared', async ({ page }) => {
  await page.goto(report);
  await page.getByRole('button', { name: words.common.actions }).click();
  await page.getByRole('menuitem', { name: words.campaigns.compareWith }).click();
  await expect(page).toHaveURL(/\/campaigns\/compare\?a=1$/);
  await expect(page.getByText(words.campaigns.compareLead)).toBeVisible();
  await page.getByRole('combobox', { name: words.campaigns.second }).click();
  await page.getByRole('option', { name: /Весняний розпродаж/ }).click();
  await expect(page).toHaveURL(/a=1&b=1$/);
  const table = page.getByRole('table', { name: words.campaigns.sum });
  await expect(table.getByRole('row', { name: words.campaigns.statuses.sent })).toContainText(`75%75%${words.campaigns.same}`);
  await page.reload();
  await expect(table).toBeVisible();
});

test('the days of a bot are told', async ({ page }) => {
  await page.goto('/bots');
  const toggle = page.getByRole('button', { name: words.bots.asTable }).first();
  await expect(page.getByRole('img', { name: words.bots.growthByDay }).first()).toBeVisible();
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-expanded', 'true');
  const last = page.getByRole('table', { name: words.bots.growthByDay }).last().getByRole('row').nth(1);
  await expect(last).toBeVisible();
});
