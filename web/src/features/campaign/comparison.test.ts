import { expect, test } from 'vitest';
import type { Campaign, CampaignReport } from '@/api/generated';
import { outcomesOf, reasonsOf } from './comparison';

const campaign = (counts: Partial<Campaign['counts']>) => ({ counts: { recipients: 0, queued: 0, sending: 0, sent: 0, failed: 0, skipped: 0, unknown: 0, clicked: 0, ...counts } }) as Campaign;
const report = (left: number, ...reasons: [CampaignReport['reasons'][number]['status'], string, number][]): CampaignReport =>
  ({ left, clicks: [], reasons: reasons.map(([status, reason, count]) => ({ status, reason, count })) });

test('campaigns of any size are compared by shares', () => {
  const got = outcomesOf(campaign({ recipients: 200, sent: 100, failed: 50, clicked: 10 }), campaign({}), report(20), report(0));
  expect(got.map((o) => [o.key, o.a, o.b])).toEqual([
    ['clicked', 0.1, undefined], ['sent', 0.5, undefined], ['failed', 0.25, undefined], ['skipped', 0, undefined], ['unknown', 0, undefined], ['left', 0.1, undefined],
  ]);
});

test('a reason that one of them has stands beside nothing', () => {
  const got = reasonsOf(campaign({ recipients: 10 }), campaign({ recipients: 100 }), report(0, ['failed', 'bot_blocked', 1], ['unknown', 'restored', 5]), report(0, ['failed', 'bot_blocked', 20]));
  expect(got).toEqual([
    { key: 'unknown/restored', reason: 'restored', a: 0.5, b: 0 },
    { key: 'failed/bot_blocked', reason: 'bot_blocked', a: 0.1, b: 0.2 },
  ]);
});
