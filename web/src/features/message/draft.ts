import type { Content, Message, MessageBody } from '@/api/generated';

/** What of a message the editor keeps in the browser while it is not saved. */
export interface Kept {
  body: MessageBody;
  /** The updatedAt of the message that it was made from; empty for a new one. */
  of: string;
}

const key = (id: number | undefined) => `bellman.message.${id ?? 'new'}`;

/** Keeps what was typed over a reload or a lost session. */
export function keep(id: number | undefined, kept: Kept) {
  localStorage.setItem(key(id), JSON.stringify(kept));
}

/** Returns what was typed and not saved, if something was. */
export function kept(id: number | undefined): Kept | undefined {
  try {
    const text = localStorage.getItem(key(id));
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return undefined;
  }
}

/** Forgets what was typed: it is saved, or was discarded. */
export function forget(id: number | undefined) {
  localStorage.removeItem(key(id));
}

/** Returns what people edit of a message. */
export function bodyOf(message: Message | undefined): MessageBody {
  if (!message) return { name: '', text: '' };
  const given = new Set(['id', 'createdAt', 'updatedAt', 'editedBy', 'sendable', 'faults', 'version', '$schema']);
  return Object.fromEntries(Object.entries(message).filter(([name]) => !given.has(name))) as MessageBody;
}

/** Returns what its readers see of a message. */
export function contentOf(body: MessageBody): Content {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'name'));
}
