import { expect, test } from 'vitest';
import { hoursOf } from './hours';

test('hours without clicks stand between those with', () => {
  expect(hoursOf([])).toEqual([]);
  const day = hoursOf([{ from: '2026-03-01T09:20:00.000Z', clicks: 5, people: 1 }]);
  expect(day).toHaveLength(24);
  expect(day[0]).toEqual({ from: '2026-03-01T09:20:00.000Z', clicks: 5, people: 1 });
  const two = hoursOf([{ from: '2026-03-01T09:20:00.000Z', clicks: 5, people: 1 }, { from: '2026-03-03T10:20:00.000Z', clicks: 2, people: 1 }]);
  expect(two).toHaveLength(50);
  expect(two.reduce((n, h) => n + h.clicks, 0)).toBe(7);
  expect(hoursOf([{ from: '2026-03-01T09:20:00.000Z', clicks: 1, people: 1 }, { from: '2026-04-01T09:20:00.000Z', clicks: 1, people: 1 }])).toHaveLength(336);
});
