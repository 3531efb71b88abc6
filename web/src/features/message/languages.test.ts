import { expect, test } from 'vitest';
import { languageName } from '@/lib/languageName';
import { added, changed, own, removed, versionOf } from './languages';

test('each language has its own version', () => {
  const first = { name: 'm', text: 'Hi', buttons: [[{ text: 'a', url: 'https://x.test' }]] };
  const two = added(first, 'uk');
  expect(versionOf(two, 'uk')).toEqual({ text: 'Hi', buttons: first.buttons });
  const changedUk = changed(two, 'uk', { text: 'Вітаю' });
  expect(versionOf(changedUk, 'uk').text).toBe('Вітаю');
  expect(versionOf(changedUk, own).text).toBe('Hi');
  expect(versionOf(changed(changedUk, own, { text: 'Hello' }), 'uk').text).toBe('Вітаю');
  expect(removed(changedUk, 'uk').translations).toBeUndefined();
  expect(removed(added(changedUk, 'ru'), 'uk').translations).toEqual({ ru: { text: 'Hi', buttons: first.buttons } });
});

test('languages have names', () => {
  expect(languageName('uk', 'en')).toBe('Ukrainian');
  expect(languageName('no such tag', 'en')).toBe('no such tag');
});
