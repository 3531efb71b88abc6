import { en as words } from '@/words/en';
import { expect, test } from './test';

test('one goes anywhere by a few letters, again and again, and sees the keys', async ({ page }) => {
  await page.goto('/');
  const box = page.getByPlaceholder(words.nav.palette);
  for (const [text, name, where] of [['Bohdan', 'Bohdan Shevchuk', /\/contacts\/2$/], ['Чернетка', 'Чернетка для всіх', /\/campaigns\/2$/]] as const) {
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Control+k');
    await box.fill(text);
    await page.getByRole('button', { name }).click();
    await expect(page).toHaveURL(where);
    await expect(box).toBeHidden();
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: words.nav.keys })).toBeVisible();
});
