import { expect, test } from 'vitest';
import type { Campaign } from '@/api/generated';
import { bodyOf, draftOf, graceLeft, isTyped, isWhole } from './draft';

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

test('a launch with grace is told from one for a time', () => {
  const at = (scheduledAt: string, state = 'scheduled') => ({ state, scheduledAt, updatedAt: '2026-03-01T09:00:00.000Z' }) as Campaign;
  expect(graceLeft(at('2026-03-01T09:00:10.000Z'))).toBe(10);
  expect(graceLeft(at('2026-03-01T09:10:00.000Z'))).toBe(0);
  expect(graceLeft(at('2026-03-01T09:00:10.000Z', 'sending'))).toBe(0);
});

test('a number is typed as one writes it', () => {
  for (const text of ['3412', '3 412', '3,412', '3.412', "3'412", '3\u00a0412', '3\u202f412']) expect(isTyped(text, 3412)).toBe(true);
  for (const text of ['', '341', '34120', '3412a', '-3412']) expect(isTyped(text, 3412)).toBe(false);
});
