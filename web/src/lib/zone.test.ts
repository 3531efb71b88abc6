import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allZones, dayIn, isSameZone, momentIn, zoneName } from './zone';

const zones = ['UTC', 'Europe/Kyiv', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/St_Johns'];

/** What the clocks of a zone show, as the browser knows it. */
function shown(zone: string, at: Date): string {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

describe('a time in a zone', () => {
  it('is the moment at which the clocks there show it', () => {
    const minutes = fc.integer({ min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2035, 0, 1) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (zone, minute) => {
        // What a clock shows twice in an autumn night is one of the two moments.
        const written = shown(zone, new Date(minute * 60_000));
        expect(shown(zone, momentIn(zone, written) as Date)).toBe(written);
      }),
    );
  });

  it('is known in summer and in winter', () => {
    expect(momentIn('Europe/Kyiv', '2026-12-01T10:00')?.toISOString()).toBe('2026-12-01T08:00:00.000Z');
    expect(momentIn('Europe/Kyiv', '2026-07-01T10:00')?.toISOString()).toBe('2026-07-01T07:00:00.000Z');
    expect(momentIn('Europe/Kyiv', 'soon')).toBeUndefined();
  });

  it('begins a day, and the next one, also when the clocks change', () => {
    expect(dayIn('Europe/Kyiv', '2026-10-25')?.toISOString()).toBe('2026-10-24T21:00:00.000Z');
    expect(dayIn('Europe/Kyiv', '2026-10-25', 1)?.toISOString()).toBe('2026-10-25T22:00:00.000Z');
    expect(dayIn('UTC', '2026-12-31', 1)?.toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(dayIn('UTC', undefined)).toBeUndefined();
  });
});

describe('a zone', () => {
  it('has its name of today, and is the same zone', () => {
    expect(zoneName('Europe/Kiev')).toBe('Europe/Kyiv');
    expect(zoneName('UTC')).toBe('UTC');
    expect(allZones()).toContain('Europe/Kyiv');
    expect(allZones()).not.toContain('Europe/Kiev');
    for (const zone of Intl.supportedValuesOf('timeZone')) expect(isSameZone(zone, zoneName(zone)), zone).toBe(true);
  });
});

describe('two zones', () => {
  it('are the same when their clocks are', () => {
    expect(isSameZone('Europe/Kiev', 'Europe/Kyiv')).toBe(true);
    expect(isSameZone('Europe/London', 'UTC', new Date('2026-12-01'))).toBe(false);
    expect(isSameZone('Asia/Kolkata', 'Europe/Kyiv')).toBe(false);
  });
});
