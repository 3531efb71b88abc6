import type { Problem } from './generated';

/** A refusal of the server, or that it could not be reached, or that the browser declined (both with status 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly problem?: Problem,
  ) {
    super(detail);
  }

  /** The field of the form that is at fault, empty when it is none. */
  get field(): string {
    return this.problem?.field ?? '';
  }

  /** What somebody who asks for help may quote. */
  get quote(): string {
    return this.problem?.requestId ?? '';
  }
}

/** Returns what went wrong as one kind of error, whatever was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // A browser that is asked for a passkey, or for the clipboard, may say no, or its owner.
  if (error instanceof DOMException) return new Refusal(0, 'declined', error.message);
  return new Refusal(0, 'unreachable', error instanceof Error ? error.message : String(error));
}
