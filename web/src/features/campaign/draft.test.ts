import { expect, test } from 'vitest';
import type { Campaign } from '@/api/generated';
import { bodyOf, draftOf, isTyped, isWhole } from './draft';

test('a draft goes to all or to groups', () => {
  const draft = { name: ' Spring ', botId: '1', messageId: '2', who: 'all' as const, groups: ['3'], excluded: ['4'] };
  expect(bodyOf(draft)).toEqual({ name: 'Spring', botId: 1, messageId: 2, audience: { all: true, excludedGroups: [4] } });
  expect(bodyOf({ ...draft, who: 'groups' }).audience).toEqual({ groups: [3], excludedGroups: [4] });
});

test('the form of a campaign says the same as the campaign', () => {
  const campaign = { name: 'Spring', botId: 1, messageId: 2, audience: { groups: [3, 4], excludedGroups: [5] } } as Campaign;
  const draft = draftOf(campaign);
  expect(isWhole(draft)).toBe(true);
  expect(bodyOf(draft)).toEqual({ name: 'Spring', botId: 1, messageId: 2, audience: { groups: [3, 4], excludedGroups: [5] } });
  expect(isWhole({ ...draft, groups: [] })).toBe(false);
  expect(isWhole({ ...draft, groups: [], who: 'all' })).toBe(true);
});

test('a number is typed as one writes it', () => {
  for (const text of ['3412', '3 412', '3,412', '3.412', "3'412", '3\u00a0412', '3\u202f412']) expect(isTyped(text, 3412)).toBe(true);
  for (const text of ['', '341', '34120', '3412a', '-3412']) expect(isTyped(text, 3412)).toBe(false);
});
