import { linkHost } from './bellman';

interface Arrived {
  chat: number;
  text: string;
  entities?: { url?: string }[];
  replyMarkup?: { inline_keyboard: { text: string; url?: string }[][] };
}

/** Returns what has arrived in the stand-in for Telegram. */
export async function arrived(sandbox: string): Promise<Arrived[]> {
  const answer = await fetch(`${sandbox}/sandbox/messages?limit=1000`);
  const { messages } = (await answer.json()) as { messages: Arrived[] };
  return messages;
}

/** Has the stand-in for Telegram do something. */
export async function arrange(sandbox: string, path: string, body: unknown) {
  const answer = await fetch(`${sandbox}/sandbox/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/** Follows the first button with a link as its reader would, and returns where it led. */
export async function follow(url: string, message: Arrived): Promise<string> {
  const link = message.replyMarkup?.inline_keyboard.flat().find((b) => b.url)?.url ?? '';
  if (!link.startsWith(`${linkHost}/r/`)) throw new Error(`the button leads to ${link}, which counts no clicks`);
  const answer = await fetch(url + link.slice(linkHost.length), { redirect: 'manual', headers: { 'User-Agent': 'Mozilla/5.0 (Linux; Android 15) Mobile' } });
  return answer.headers.get('Location') ?? '';
}
