import type { Words } from '@/words/words';

/** Says a reason in words; one that has none, as Telegram or the server told it. */
export function reasonIn(words: Words, reason: string | undefined, detail?: string): string {
  if (!reason) return detail ?? '';
  return reason in words.reasons ? words.reasons[reason as keyof Words['reasons']] : (detail ?? reason);
}
