import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { nobody } from './filled';
import { entry, locales, places, widths } from './places';
import { expect, test, watch } from './test';

for (const place of [...places, entry]) {
  test(`${place} is for everybody, in every language`, async ({ bellman, browser, contextOptions }) => {
    for (const [language, locale] of Object.entries(locales)) {
      const context = await browser.newContext({
        ...contextOptions, locale, baseURL: bellman.url, viewport: widths.wide, storageState: place === entry ? nobody : bellman.state,
      });
      const page = await context.newPage();
      const watched = watch(page);
      await page.goto(place);
      await watched.settled();
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      for (const [name, size] of Object.entries(widths)) {
        await page.setViewportSize(size);
        await watched.settled();
        expect(await overflow(page), `${language}, ${name}: how many pixels do not fit`).toBe(0);
        // Words change neither names nor colours.
        if (language === 'en') await accessible(page, name);
      }
      expect(watched.complaints.filter((c) => !expected(place, c))).toEqual([]);
      await context.close();
    }
  });
}

/** Returns how much wider the page is than what shows it. */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const root = document.scrollingElement ?? document.documentElement;
    return Math.max(0, root.scrollWidth - root.clientWidth);
  });

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

async function accessible(page: Page, width: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Of all the rules, contrast alone depends on the colours.
    const rules = new AxeBuilder({ page });
    const { violations } = await (colorScheme === 'light' ? rules.withTags(wcag) : rules.withRules('color-contrast')).analyze();
    const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.html}\n  ${n.failureSummary}`).join('\n')}`);
    expect(found, `${width}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

/** Browsers report each answer that is no success; of some places it is the point. */
function expected(place: string, complaint: string): boolean {
  const status = { '/campaigns/404': 404, [entry]: 401 }[place];
  return status !== undefined && complaint.startsWith(`Failed to load resource: the server responded with a status of ${status}`);
}
