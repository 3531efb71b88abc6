import { expect, test } from 'vitest';
import { tokenIn } from './token';

const token = '123456789:AAExampleExampleExampleExampleExampl';

test('the token is found in what BotFather writes', () => {
  const answer = `Done! Congratulations on your new bot. You will find it at t.me/acme_bot.\n\nUse this token to access the HTTP API:\n${token}\nKeep your token secure`;
  expect(tokenIn(answer)).toBe(token);
  expect(tokenIn(`  ${token}\n`)).toBe(token);
  expect(tokenIn(`"${token}",`)).toBe(token);
});

test('what is none is not taken for one', () => {
  for (const text of ['', 'hello', '123456789', '123456789:short', 'https://t.me/acme_bot', `${token}${'x'.repeat(60)}`]) expect(tokenIn(text)).toBe('');
});
