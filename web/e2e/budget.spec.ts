import type { Page, Route } from '@playwright/test';
import { en as words } from '@/words/en';
import { expect, test } from './test';

/** How many times longer the machine of a test may take. */
const noise = 3;

test('the first load has at most 250 kB of JavaScript', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: words.home.title })).toBeVisible();
  const sizes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((r) => new URL(r.name).pathname.endsWith('.js'))
      .map((r) => (r as PerformanceResourceTiming).encodedBodySize),
  );
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  const sum = sizes.reduce((a, b) => a + b);
  test.info().annotations.push({ type: 'JavaScript', description: `${Math.round(sum / 1000)} kB` });
  expect(sum).toBeLessThanOrEqual(250_000);
});

// After the page and its entry script, what is asked for may wait for answers once. Whatever is asked for is held; when
// the page has no more to ask, all of it is let go: one wave.
test('nothing waits for what waits for something else', async ({ page }) => {
  let held: Route[] = [];
  const waves: string[][] = [];
  await page.route(/\.js$|\/manage\//, async (route) => {
    // The stream of what changes has no end.
    if (route.request().resourceType() === 'eventsource') await route.continue();
    else held.push(route);
  });
  await page.goto('/', { waitUntil: 'commit' });
  const shown = page.getByRole('link', { name: 'Весняний розпродаж: постійні покупці' });
  while (!(await shown.isVisible())) {
    await expect.poll(async () => held.length > 0 || (await shown.isVisible())).toBe(true);
    await page.evaluate(idle);
    const wave = held;
    held = [];
    if (wave.length > 0) waves.push(wave.map((r) => new URL(r.request().url()).pathname));
    await Promise.all(wave.map((r) => r.continue()));
    await Promise.all(wave.map(async (r) => (await r.request().response())?.finished()));
  }
  await Promise.all(held.map((r) => r.continue()));
  expect(waves.length, JSON.stringify(waves, null, 1)).toBeLessThanOrEqual(3);
});

/** Waits until the page has nothing to do. */
const idle = () => new Promise<void>((done) => requestIdleCallback(() => requestIdleCallback(() => done())));

test('the frame is seen within a second', async ({ page }) => {
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector('nav a[aria-current=page]')) return;
      performance.mark('frame');
      seen.disconnect();
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    await page.goto('/');
    await expect(page.getByRole('navigation', { name: words.nav.main })).toBeVisible();
    times.push(await page.evaluate(() => performance.getEntriesByName('frame')[0]?.startTime ?? Infinity));
  }
  best('frame', times, 1000);
});

test('from one screen to another takes a tenth of a second', async ({ page }) => {
  await page.goto('/campaigns');
  await go(page, words.nav.messages, words.messages.title);
  await go(page, words.nav.campaigns, words.campaigns.title);
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    times.push(await go(page, words.nav.messages, words.messages.title));
    times.push(await go(page, words.nav.campaigns, words.campaigns.title));
  }
  best('route change', times, 100);
});

/** Follows a link of the navigation; returns how many milliseconds after the press the screen and its list stood. */
async function go(page: Page, link: string, title: string): Promise<number> {
  await page.evaluate((wanted) => {
    performance.clearMarks();
    document.addEventListener('click', () => performance.mark('press'), { once: true, capture: true });
    const seen = new MutationObserver(() => {
      if (document.querySelector('h1')?.textContent !== wanted || !document.querySelector('tbody tr td')) return;
      performance.mark('there');
      seen.disconnect();
    });
    seen.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, title);
  await page.getByRole('navigation', { name: words.nav.main }).getByRole('link', { name: link }).click();
  const took = () =>
    page.evaluate(() => {
      const [press, there] = [performance.getEntriesByName('press')[0], performance.getEntriesByName('there')[0]];
      return press && there ? there.startTime - press.startTime : undefined;
    });
  await expect.poll(took).toBeDefined();
  return (await took()) ?? Infinity;
}

function best(what: string, times: number[], limit: number) {
  const time = Math.min(...times);
  test.info().annotations.push({ type: what, description: `${Math.round(time)} ms of ${times.map(Math.round).join(', ')}` });
  expect(time, `${what}: ${times.join(', ')}`).toBeLessThanOrEqual(limit * noise);
}
