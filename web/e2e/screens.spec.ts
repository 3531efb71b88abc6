import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { nobody } from './filled';
import { entry, locales, places, widths } from './places';
import { expect, test, watch } from './test';

for (const place of [...places, entry]) {
  test(`${place} is for everybody, in every language`, async ({ bellman, browser, contextOptions }) => {
    // The page of the entry speaks the browser's language; the others the one that was chosen.
    const contexts = place === entry ? Object.entries(locales).map(([language, locale]) => ({ locale, languages: [language] })) : [{ locale: 'en-US', languages: Object.keys(locales) }];
    for (const { locale, languages } of contexts) {
      const context = await browser.newContext({
        ...contextOptions, locale, baseURL: bellman.url, viewport: widths.wide, storageState: place === entry ? nobody : bellman.state,
      });
      const page = await context.newPage();
      const watched = watch(page);
      await page.goto(place);
      for (const language of languages) {
        if (language !== 'en' && place !== entry) {
          await page.evaluate((chosen) => localStorage.setItem('bellman.language', chosen), language);
          await page.reload();
        }
        await page.setViewportSize(widths.wide);
        await watched.settled();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
        await fits(page, language);
        // Words change neither names nor colours.
        if (language === 'en') await accessible(page);
        await page.setViewportSize(widths.narrow);
        await watched.settled();
        await fits(page, `${language}, narrow`);
      }
      expect(watched.complaints.filter((c) => !expected(place, c))).toEqual([]);
      await context.close();
    }
  });
}

/** A page may be no wider than what shows it. */
const fits = (page: Page, where: string) =>
  expect
    .poll(
      () =>
        page.evaluate(() => {
          const root = document.scrollingElement ?? document.documentElement;
          return Math.max(0, root.scrollWidth - root.clientWidth);
        }),
      { message: `${where}: how many pixels do not fit`, timeout: 5_000 },
    )
    .toBe(0);

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

async function accessible(page: Page) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Of all the rules, contrast alone depends on the colours.
    const rules = new AxeBuilder({ page });
    const { violations } = await (colorScheme === 'light' ? rules.withTags(wcag) : rules.withRules('color-contrast')).analyze();
    const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.html}\n  ${n.failureSummary}`).join('\n')}`);
    expect(found, colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

test('the narrow frame is accessible', async ({ page }) => {
  await page.setViewportSize(widths.narrow);
  for (const place of ['/', '/campaigns/1', '/messages/1']) {
    await page.goto(place);
    await watch(page).settled();
    const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join('\n')}`), place).toEqual([]);
  }
});

/** Browsers report each answer that is no success; of some places it is the point. */
function expected(place: string, complaint: string): boolean {
  const status = { '/campaigns/404': 404, [entry]: 401 }[place];
  return status !== undefined && complaint.startsWith(`Failed to load resource: the server responded with a status of ${status}`);
}
