import { expect, test } from 'vitest';
import { plurals } from './plural';

test('words take the form of their number', () => {
  const uk = plurals('uk');
  const forms = { one: '# людина', few: '# людини', many: '# людей', other: '# людини' };
  const written = [0, 1, 2, 5, 11, 21, 22, 104, 1.5].map((n) => uk(n, forms));
  expect(written).toEqual(['0 людей', '1 людина', '2 людини', '5 людей', '11 людей', '21 людина', '22 людини', '104 людини', '1,5 людини']);
  expect(plurals('en')(3412, { one: '# person', other: '# people' })).toBe('3,412 people');
});
