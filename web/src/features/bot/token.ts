const form = /(?<![\w:-])\d{5,16}:[\w-]{30,64}(?![\w-])/;

/** Returns the token in a message of @BotFather; empty when there is none. */
export function tokenIn(text: string): string {
  return form.exec(text)?.[0] ?? '';
}
