import type { Words } from './words';

/** What the server tells of a refusal. */
export interface Told {
  code: string;
  /** Its sentence. */
  message: string;
  status?: number;
  /** What is wrong with the form of the request. */
  defects?: { location: string; message: string }[] | null;
}

/** How a language other than English says what the server refuses: see sayer.ts. */
export interface Problems {
  /** Says a refusal. What has no words is said in general, with the server's sentence behind it. */
  say: (told: Told) => string;
  /** Says what a code means where its sentence is not at hand; undefined when it has no words. */
  mean: (code: string) => string | undefined;
}

/** Says a refusal in the language of the words; in English it is what the server says. */
export function sayProblem({ problems }: Words, told: Told): string {
  return problems ? problems.say(told) : told.message;
}

/** Says what a code means where its sentence is not at hand, such as in the audit log. */
export function meaningOf({ problems }: Words, code: string): string {
  return problems?.mean(code) ?? code.replaceAll('_', ' ');
}
