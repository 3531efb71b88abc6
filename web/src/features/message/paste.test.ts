import { expect, test } from 'vitest';
import { cleaned, isForeign } from './paste';

test('what is pasted keeps what Telegram can show', () => {
  expect(cleaned('<h1>Sale</h1><ul><li>one</li><li>two</li></ul>')).toBe('<p><b>Sale</b></p><ul><p>• one</p><p>• two</p></ul>');
  expect(cleaned('<ol><li>one</li><li>two</li></ol>')).toBe('<ol><p>1. one</p><p>2. two</p></ol>');
});

test('texts of other systems are known', () => {
  for (const text of ['Hi **you**', 'Hi %FIRSTNAME%', '%FIRSTNAME|friend%', "$!data.get('a')", '*|FNAME|*', '[a](https://x.test)', '${name}']) expect(isForeign(text), text).toBe(true);
  for (const text of ['Hi', '100 % of it', '2 * 3 * 4', 'a_b', '{{ contact.firstName }}', '$100']) expect(isForeign(text), text).toBe(false);
});
