import { pauses as english } from '@/words/en/pauses';
import type { Words } from '@/words/words';

/** Says why Bellman has paused something, and what to do; a reason that has no words, of a newer server, as the server tells it. */
export function pauseIn({ pauses = english }: Words, reason: string, detail = reason): string {
  return Object.hasOwn(pauses, reason) ? pauses[reason as keyof typeof pauses] : detail;
}
