import { expect, test } from 'vitest';
import { bodyOf, isTyped } from './draft';

test('a draft goes to all or to groups', () => {
  const draft = { name: ' Spring ', botId: '1', messageId: '2', who: 'all' as const, groups: ['3'], excluded: ['4'] };
  expect(bodyOf(draft)).toEqual({ name: 'Spring', botId: 1, messageId: 2, audience: { all: true, excludedGroups: [4] } });
  expect(bodyOf({ ...draft, who: 'groups' }).audience).toEqual({ groups: [3], excludedGroups: [4] });
});

test('a number is typed as one writes it', () => {
  for (const text of ['3412', '3 412', '3,412', '3.412', "3'412", '3\u00a0412', '3\u202f412']) expect(isTyped(text, 3412)).toBe(true);
  for (const text of ['', '341', '34120', '3412a', '-3412']) expect(isTyped(text, 3412)).toBe(false);
});
