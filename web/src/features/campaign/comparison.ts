import type { Campaign, CampaignReport } from '@/api/generated';

const outcomes = ['sent', 'failed', 'skipped', 'unknown'] as const;

/** A share of a whole; undefined where the whole is nobody. */
const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);

/** What became of the recipients of two campaigns as shares: clicks of those to whom it was sent, the rest of all. */
export function outcomesOf(a: Campaign, b: Campaign, reportA: CampaignReport, reportB: CampaignReport) {
  return [
    { key: 'clicked' as const, a: share(a.counts.clicked, a.counts.sent), b: share(b.counts.clicked, b.counts.sent) },
    ...outcomes.map((key) => ({ key, a: share(a.counts[key], a.counts.recipients), b: share(b.counts[key], b.counts.recipients) })),
    { key: 'left' as const, a: share(reportA.left, a.counts.recipients), b: share(reportB.left, b.counts.recipients) },
  ];
}

/** The reasons of either of two campaigns as shares of their recipients, the most frequent ones first. */
export function reasonsOf(a: Campaign, b: Campaign, reportA: CampaignReport, reportB: CampaignReport) {
  const shares = (r: CampaignReport, whole: number) => new Map(r.reasons.map((x) => [`${x.status}/${x.reason}`, share(x.count, whole) ?? 0]));
  const [ofA, ofB] = [shares(reportA, a.counts.recipients), shares(reportB, b.counts.recipients)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((key) => ({ key, reason: key.slice(key.indexOf('/') + 1), a: ofA.get(key) ?? 0, b: ofB.get(key) ?? 0 }))
    .sort((x, y) => Math.max(y.a, y.b) - Math.max(x.a, x.b) || x.key.localeCompare(y.key));
}
