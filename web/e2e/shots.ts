import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { nobody } from './filled';
import { entry, locales, places, widths } from './places';
import { test, watch } from './test';

const folder = fileURLToPath(new URL('../../shots/', import.meta.url));
const schemes = ['light', 'dark'] as const;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
});

/** The name of a picture, by which they are sorted: the place, then how it is seen. */
const named = (i: number, place: string, rest: string) =>
  `${String(i).padStart(2, '0')}-${place.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'home'}.${rest}.png`;

for (const [i, place] of [...places, entry].entries()) {
  test(place, async ({ bellman, browser, contextOptions }) => {
    for (const language of ['en', 'uk'] as const) {
      const context = await browser.newContext({
        ...contextOptions, locale: locales[language], baseURL: bellman.url, storageState: place === entry ? nobody : bellman.state,
      });
      const page = await context.newPage();
      const { settled } = watch(page);
      await page.goto(place);
      for (const [width, size] of Object.entries(widths)) {
        await page.setViewportSize(size);
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await settled();
          await page.screenshot({ path: join(folder, named(i, place, `${width}.${colorScheme}.${language}`)), animations: 'disabled' });
        }
      }
      await context.close();
    }
  });
}

test('the sheet of them all', async ({ browser }) => {
  const names = (await readdir(folder)).filter((n) => n.endsWith('.png')).sort();
  const figure = (n: string) => `<a href="${n}"><img src="${n}" alt="${n}" title="${n}"></a>`;
  const style = 'body{background:#888;margin:8px;display:flex;flex-wrap:wrap;gap:8px;align-items:flex-start}img{height:240px;display:block}';
  await writeFile(join(folder, 'index.html'), `<!doctype html><title>Every screen</title><style>${style}</style>${names.map(figure).join('\n')}`);
  const page = await browser.newPage({ viewport: { width: 2400, height: 1200 } });
  await page.goto(pathToFileURL(join(folder, 'index.html')).href);
  await page.screenshot({ path: join(folder, 'sheet.png'), fullPage: true });
});
