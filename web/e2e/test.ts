import { test as base, expect, type Page } from '@playwright/test';
import { startFilled } from './filled';

export { expect };

/** What a page has asked for and complained of. */
export interface Watched {
  /** Errors in the console, exceptions, and what the policy of the page forbids. */
  complaints: string[];
  /** Waits until the page shows its heading and everything that it has asked for. */
  settled: () => Promise<void>;
}

/** Watches a page from now on. */
export function watch(page: Page): Watched {
  const complaints: string[] = [];
  const asked = new Set<unknown>();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (r) => r.resourceType() !== 'eventsource' && asked.add(r));
  page.on('requestfinished', (r) => asked.delete(r));
  page.on('requestfailed', (r) => asked.delete(r));
  return {
    complaints,
    settled: async () => {
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect.poll(() => asked.size, { message: 'requests under way' }).toBe(0);
      await expect(page.locator('[aria-busy=true], .mantine-Skeleton-root, .mantine-Loader-root')).toHaveCount(0);
    },
  };
}

type Filled = Awaited<ReturnType<typeof startFilled>>;

/** A test of a page whose owner has signed in to a Bellman with something in it, which the tests of a worker share. */
export const test = base.extend<object, { bellman: Filled }>({
  bellman: [
    async ({}, give) => {
      const bellman = await startFilled();
      await give(bellman);
      await bellman.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: ({ bellman }, give) => give(bellman.url),
  storageState: ({ bellman }, give) => give(bellman.state),
});
