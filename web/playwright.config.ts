import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

// Workers inherit what is found here.
process.env.CHROMIUM ??= execFileSync(fileURLToPath(new URL('../tools/chromium', import.meta.url)), { encoding: 'utf8' }).trim();

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  forbidOnly: process.env.CI !== undefined,
  // What the tests look at is there within a second or two, and on a busy machine within this.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: process.env.CI ? [['dot']] : [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'Europe/Kyiv',
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        '--disable-quic', '--no-first-run', '--disable-background-networking',
        // Chromium's own sandbox refuses to run as root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
  projects: [
    { name: 'journeys', testMatch: '*.spec.ts' },
    { name: 'shots', testMatch: 'shots.ts' },
    { name: 'pictures', testMatch: 'pictures.ts' },
    { name: 'million', testMatch: 'million.ts' },
  ],
});
