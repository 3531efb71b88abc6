import { en as words } from '@/words/en';
import { call, owner, signIn } from './filled';
import { arrived } from './sandbox';
import { expect, test } from './test';

const wrong = 'The new lamp costs 10';
const right = 'The new lamp costs 9';

test('what was sent is edited in all chats, and deleted', async ({ page, bellman }) => {
  const api = await signIn(bellman.url, owner);
  const ids: number[] = [];
  for (const text of [wrong, right]) ids.push((await call<{ id: number }>(api, 'POST', 'messages', { name: text, text })).id);
  const sent = await call<{ id: number }>(api, 'POST', 'campaigns', { name: 'Lamp', botId: 1, messageId: ids[0], audience: { all: true } });
  await call(api, 'POST', `campaigns/${sent.id}/launch`, {});
  await expect.poll(async () => (await call<{ state: string }>(api, 'GET', `campaigns/${sent.id}`)).state).toBe('finished');
  await api.dispose();
  const shown = async (text: string) => (await arrived(bellman.sandbox)).filter((m) => m.text === text).length;
  const people = await shown(wrong);
  expect(people).toBeGreaterThan(1);

  await page.goto(`/campaigns/${sent.id}`);
  await page.getByRole('button', { name: words.common.actions }).click();
  await page.getByRole('menuitem', { name: words.campaigns.edit }).click();
  const dialog = page.getByRole('dialog', { name: words.campaigns.edit });
  const edit = dialog.getByRole('button', { name: words.campaigns.editNow(people) });
  await expect(edit).toBeDisabled();
  await dialog.getByRole('combobox', { name: words.campaigns.message }).click();
  await page.getByRole('option', { name: right }).click();
  await expect(dialog.getByText(right)).toBeVisible();
  await edit.click();
  await expect(page.getByRole('heading', { level: 1, name: words.campaigns.changes.edit('Lamp') })).toBeVisible();
  await expect(page.getByRole('link', { name: `${people} ${words.campaigns.changed.edit.toLowerCase()}` })).toBeVisible();
  expect(await shown(right)).toBe(people);
  expect(await shown(wrong)).toBe(0);

  await page.getByRole('link', { name: 'Lamp', exact: true }).click();
  await expect(page.getByText(`${words.campaigns.changed.edit}: `)).toBeVisible();
  await page.getByRole('button', { name: words.common.actions }).click();
  await page.getByRole('menuitem', { name: words.campaigns.remove }).click();
  await page.getByRole('dialog', { name: words.campaigns.remove }).getByRole('button', { name: words.campaigns.removeNow(people) }).click();
  await expect(page.getByRole('link', { name: `${people} ${words.campaigns.changed.delete.toLowerCase()}` })).toBeVisible();
  await page.goto('/campaigns');
  await expect(page.getByRole('link', { name: words.campaigns.changes.delete('Lamp') })).toBeVisible();
});
