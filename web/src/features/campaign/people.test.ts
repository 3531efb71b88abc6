import { expect, test } from 'vitest';
import { asked, fileOf, peopleFilter } from './people';

test('an address says who is shown, and what makes no sense shows all', () => {
  expect(peopleFilter({ status: 'failed', reason: ['bot_blocked', 7, ''], clicked: true, link: 0, language: 'uk', groupId: 3 })).toEqual({
    status: 'failed', reason: ['bot_blocked'], clicked: true, link: 0, language: 'uk', groupId: 3,
  });
  expect(peopleFilter({ reason: 'bot_blocked' }).reason).toEqual(['bot_blocked']);
  const nothing = { status: 'gone', reason: [], clicked: 'yes', link: -1, language: '', groupId: 'x' };
  expect(Object.values(peopleFilter(nothing)).every((v) => v === undefined)).toBe(true);
  expect(peopleFilter({ link: 1.5, groupId: 2 ** 60 })).toEqual(peopleFilter({}));
});

test('a file has the same people', () => {
  const address = new URL(fileOf(7, 'deliveries.csv', 'Europe/Kyiv', { reason: ['a', 'b'], link: 0, language: 'uk' }), 'http://x');
  expect(address.pathname).toBe('/manage/v1/campaigns/7/deliveries.csv');
  expect(address.searchParams.getAll('reason')).toEqual(['a', 'b']);
  expect(address.searchParams.getAll('link')).toEqual(['0']);
  expect(address.searchParams.get('languageCode')).toBe('uk');
  expect(address.searchParams.get('timeZone')).toBe('Europe/Kyiv');
  expect([...address.searchParams.keys()]).not.toContain('status');
  expect(asked({ status: 'sent' }).status).toEqual(['sent']);
});
