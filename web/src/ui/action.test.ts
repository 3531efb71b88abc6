import { expect, test } from 'vitest';
import type { Campaign } from '@/api/generated';
import { en } from '@/words/en';
import { nameIn, statusIn } from './action';

test('what is edited or deleted was not sent', () => {
  expect(statusIn(en, 'send', 'sent')).toBe('Sent');
  expect(statusIn(en, 'edit', 'sent')).toBe('Edited');
  expect(statusIn(en, 'delete', 'sent')).toBe('Deleted');
  expect(statusIn(en, 'delete', 'failed')).toBe('Failed');
});

test('a campaign that changes another one is called by what it does to it', () => {
  expect(nameIn(en, { action: 'send', name: 'Sale' } as Campaign)).toBe('Sale');
  expect(nameIn(en, { action: 'edit', name: 'Sale' } as Campaign)).toBe('Edits “Sale”');
});
