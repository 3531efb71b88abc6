import { useCallback } from 'react';
import { type Refusal, refusalOf } from '@/api/problem';
import { sayProblem } from '@/words/problem';
import { useWords, type Words } from '@/words/words';

/** Says in the reader's language why something did not work, and what to do. */
export function sayRefusal(words: Words, refusal: Refusal): string {
  if (refusal.code === 'unreachable') return words.faults.unreachable;
  if (refusal.code === 'declined') return words.faults.declined;
  return sayProblem(words, { code: refusal.code, message: refusal.message, status: refusal.status, defects: refusal.problem?.errors });
}

/** Returns how to say in the reader's language why something did not work, whatever was thrown. */
export function useSaid() {
  const words = useWords();
  return useCallback((error: unknown) => sayRefusal(words, refusalOf(error)), [words]);
}

/** Why something did not work, where there is no component that could say it. */
export function Said({ error }: { error: unknown }) {
  return useSaid()(error);
}
