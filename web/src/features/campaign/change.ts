import type { Campaign } from '@/api/generated';

/** Reports whether what a campaign has sent can be edited or deleted. */
export function isChangeable(c: Campaign): boolean {
  return c.kind === 'broadcast' && c.action === 'send' && (c.state === 'finished' || c.state === 'cancelled') && !c.forgottenAt && c.counts.sent > 0;
}
