import { expect, test } from 'vitest';
import { daysOf } from './days';

test('each day ends with what the next one begins with', () => {
  expect(daysOf([], 5)).toEqual([]);
  expect(
    daysOf(
      [
        { from: '2026-03-01T00:00:00.000Z', subscribed: 10, left: 0 },
        { from: '2026-03-02T00:00:00.000Z', subscribed: 3, left: 4 },
        { from: '2026-03-03T00:00:00.000Z', subscribed: 0, left: 1 },
      ],
      8,
    ).map((d) => [d.came, d.left, d.there]),
  ).toEqual([[10, 0, 10], [3, 4, 9], [0, 1, 8]]);
});
