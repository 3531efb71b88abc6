import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pauses } from '@/words/en/pauses';
import { uk } from '@/words/uk';
import { pauseIn } from './pause';

const outcome = (file: string) => readFileSync(join(import.meta.dirname, '../../../internal/outcome', file), 'utf8');

test('every reason for a pause has words, and none is left over', () => {
  const parts = outcome('catalogue.go').split('Title:').filter((part) => /^ +"Why (Bellman paused a campaign|a bot is paused|a webhook is paused)/.test(part));
  expect(parts).toHaveLength(3);
  const names = parts.flatMap((part) => [...part.matchAll(/Reason: (\w+)/g)].map((m) => m[1] ?? ''));
  const reasons = names.map((name) => new RegExp(`\\b${name} +Reason = "(\\w+)"`).exec(outcome('reason.go'))?.[1] ?? name);
  expect(Object.keys(pauses).sort()).toEqual([...new Set(reasons)].sort());
});

test('a reason of a newer server is said as it tells it', () => {
  expect(pauseIn(uk, 'by_hand', 'x')).toBe('Призупинено вручну.');
  expect(pauseIn(uk, 'quota_over', 'the quota is over')).toBe('the quota is over');
  expect(pauseIn(uk, 'quota_over')).toBe('quota_over');
});
