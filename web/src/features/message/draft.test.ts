import { beforeEach, expect, test } from 'vitest';
import { bodyOf, forget, keep, kept } from './draft';

beforeEach(() => localStorage.clear());

test('what was typed is kept until it is saved', () => {
  expect(kept(7)).toBeUndefined();
  keep(7, { body: { name: 'a', text: 'b' }, of: '2026-03-01T09:00:00.000Z' });
  expect(kept(7)?.body.text).toBe('b');
  expect(kept(undefined)).toBeUndefined();
  forget(7);
  expect(kept(7)).toBeUndefined();
  localStorage.setItem('bellman.message.7', '{');
  expect(kept(7)).toBeUndefined();
});

test('only what people edit is sent back', () => {
  expect(bodyOf({ id: 1, name: 'a', text: 'b', createdAt: '', updatedAt: '', sendable: true, version: 3 })).toEqual({ name: 'a', text: 'b' });
});
