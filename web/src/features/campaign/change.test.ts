import { expect, test } from 'vitest';
import type { Campaign } from '@/api/generated';
import { isChangeable } from './change';

const counts = { recipients: 3, queued: 0, sending: 0, sent: 2, failed: 1, skipped: 0, unknown: 0, clicked: 0 };
const ended = { kind: 'broadcast', action: 'send', state: 'finished', counts } as Campaign;

test.each<[string, Partial<Campaign>, boolean]>([
  ['a broadcast that has ended', {}, true],
  ['one that was cancelled', { state: 'cancelled' }, true],
  ['one that goes out', { state: 'sending' }, false],
  ['one that is paused', { state: 'paused' }, false],
  ['a triggered campaign', { kind: 'triggered' }, false],
  ['an edit', { action: 'edit' }, false],
  ['one whose recipients are not kept', { forgottenAt: '2026-11-01T00:00:00Z' }, false],
  ['one that nobody got', { counts: { ...counts, sent: 0 } }, false],
])('%s', (_, change, changeable) => {
  expect(isChangeable({ ...ended, ...change })).toBe(changeable);
});
