import { expect, type Page } from '@playwright/test';
import { en as words } from '@/words/en';
import { type Engine, startBellman } from './bellman';
import { call, owner, signIn } from './filled';
import { test } from './test';

/** How many contacts there are, and what is promised of their list, in milliseconds. */
const people = 1_000_000;
const promised = { list: 300, search: 100 };

const names = ['Olena', 'Bohdan', 'Iryna', 'Taras', 'Mariia', 'Andrii', 'Kateryna', 'Yurii', 'Sofiia', 'Ostap'];
const families = ['Kovalenko', 'Shevchuk', 'Tkach', 'Bondar', 'Melnyk', 'Kravets', 'Lysenko', 'Savchuk', 'Rudenko'];

/** Contacts as a file, from one number to another. */
function file(from: number, to: number): string {
  const rows = ['externalCustomerId,phone,email,firstName,lastName'];
  for (let i = from; i < to; i++) rows.push(`C${i},+38050${String(i).padStart(7, '0')},p${i}@shop.example,${names[i % names.length]},${families[i % families.length]}`);
  return rows.join('\n');
}

/** Which requests of the list a page has made since a moment, and how long each took. */
const listed = (page: Page, since: number) =>
  page.evaluate(
    (from) =>
      performance
        .getEntriesByType('resource')
        .filter((r) => r.startTime >= from && new URL(r.name).pathname === '/manage/v1/contacts')
        .map((r) => Math.round(r.duration)),
    since,
  );

for (const engine of ['sqlite', 'postgres'] as Engine[]) {
  test(`a million contacts are listed and searched as one types, on ${engine}`, async ({ browser }) => {
    test.setTimeout(20 * 60_000);
    const bellman = await startBellman(engine, { BELLMAN_OWNER_EMAIL: owner.email, BELLMAN_OWNER_PASSWORD: owner.password });
    const api = await signIn(bellman.url, owner);
    try {
      for (let from = 0; from < people; from += 250_000) {
        const { id } = await call<{ id: string }>(api, 'POST', 'imports?dedupeOn=externalCustomerId', Buffer.from(file(from, from + 250_000)));
        await expect.poll(async () => (await call<{ state: string }>(api, 'GET', `imports/${id}`)).state, { timeout: 10 * 60_000 }).toBe('finished');
      }
      const context = await browser.newContext({ baseURL: bellman.url, storageState: await api.storageState() });
      const page = await context.newPage();
      await page.goto('/');
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      let since = await page.evaluate(() => performance.now());
      await page.getByRole('link', { name: words.nav.contacts, exact: true }).first().click();
      await expect(page.getByRole('row')).not.toHaveCount(0);
      await expect(page.getByText(/1,000,\d\d\d in all/)).toBeVisible();
      const first = await listed(page, since);
      const box = page.getByRole('searchbox', { name: words.contacts.searchHint });
      const searches: number[] = [];
      for (const text of ['o', 'k', 'ko', 'p77', '+38', '+380501', 'olena', 'ostap ru', 'C99999', 'zzz']) {
        await box.fill('');
        await page.waitForLoadState('networkidle');
        since = await page.evaluate(() => performance.now());
        for (const letter of text) await box.press(letter);
        await expect(page).toHaveURL(new RegExp(`search=${encodeURIComponent(text).replace(/%20/g, '(\\+|%20)')}`));
        await page.waitForLoadState('networkidle');
        await expect.poll(async () => (await listed(page, since)).length).toBeGreaterThan(0);
        searches.push(Math.max(...(await listed(page, since))));
      }
      // The list goes on as one scrolls.
      await box.fill('');
      await page.getByRole('row').nth(3).hover();
      for (let i = 0; i < 40; i++) await page.mouse.wheel(0, 4000);
      await expect.poll(() => page.getByRole('row').last().getAttribute('aria-rowindex').then(Number)).toBeGreaterThan(500);
      const report = `${engine}: first list ${first.join(', ')} ms, searches ${searches.join(', ')} ms`;
      test.info().annotations.push({ type: 'million', description: report });
      console.log(report);
      expect(Math.max(...first)).toBeLessThanOrEqual(promised.list);
      expect(Math.max(...searches)).toBeLessThanOrEqual(promised.search);
      await context.close();
    } finally {
      await api.dispose();
      await bellman.stop();
    }
  });
}
