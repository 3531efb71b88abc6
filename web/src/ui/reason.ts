import type { Words } from '@/words/words';

/** Says a reason in words; one that has none is the code of a fault that the values of people make, told by the server. */
export function reasonIn(words: Words, reason: string | undefined, detail?: string): string {
  if (!reason) return detail ?? '';
  if (reason in words.reasons) return words.reasons[reason as keyof Words['reasons']];
  return detail || words.campaigns.reasonOther(reason);
}
