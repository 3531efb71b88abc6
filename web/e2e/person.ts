import { type Browser, type BrowserContext, request } from '@playwright/test';
import { call, nobody, owner, signIn } from './filled';

let invited = 0;

/** A browser of somebody who was invited into a filled Bellman with a role. Whoever asks closes it. */
export async function asPerson(browser: Browser, url: string, role: string, name: string): Promise<BrowserContext> {
  const api = await signIn(url, owner);
  const email = `${role}-${process.pid}-${++invited}@shop.example`;
  const { link } = await call<{ link: string }>(api, 'POST', 'invitations', { email, role });
  await api.dispose();
  const theirs = await request.newContext({ baseURL: url, storageState: nobody });
  await call(theirs, 'POST', 'links/accept', { link: new URL(link).hash.slice(1), name, password: 'numbers are all that I look at' });
  const context = await browser.newContext({ baseURL: url, storageState: await theirs.storageState() });
  await theirs.dispose();
  return context;
}
