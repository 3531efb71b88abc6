import { expect, test } from 'vitest';
import { lengthOf, pieces } from './telegramHtml';

test('the tags of Telegram are known, all others are what is in them', () => {
  expect(pieces('a<strong>b<em>c</em></strong><a href="https://x.test">d</a>')).toEqual([
    'a', { tag: 'b', children: ['b', { tag: 'i', children: ['c'] }] }, { tag: 'a', href: 'https://x.test', children: ['d'] },
  ]);
  expect(pieces('<h1>x</h1><script>y</script>')).toEqual(['x', 'y']);
  expect(pieces('<tg-spoiler>x</tg-spoiler><span class="tg-spoiler">y</span>')).toEqual([{ tag: 'spoiler', children: ['x'] }, { tag: 'spoiler', children: ['y'] }]);
  expect(pieces('1 &lt; 2 &amp; 3')).toEqual(['1 < 2 & 3']);
});

test('what counts is the text', () => {
  expect(lengthOf('<b>Hi</b> &amp; 👋')).toBe(7);
  expect(lengthOf('Hi {{ contact.firstName }}{% if a %}!{% endif %}')).toBe(4);
});
