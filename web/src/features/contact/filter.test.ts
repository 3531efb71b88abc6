import { describe, expect, it } from 'vitest';
import { isFiltered, isWhole, matchingOf, queryOf, readFilter } from './filter';

const given = (o: object) => Object.fromEntries(Object.entries(o).filter(([, value]) => value !== undefined));

describe('the filter of contacts', () => {
  it('is read from an address, and what is unknown is left out', () => {
    expect(given(readFilter({ search: 'a', chat: 'left', groupId: 3, botId: 'x', lacks: ['email', 'shoes'], from: 'soon', to: '2026-03-01' }))).toEqual({
      search: 'a', groupId: [3], lacks: ['email'], to: '2026-03-01',
    });
    expect(given(readFilter({}))).toEqual({});
    expect(given(readFilter({ fieldOp: 'set', fieldValue: '1' }))).toEqual({});
    expect(given(readFilter({ fieldId: 2, fieldValue: 70 }))).toEqual({ fieldId: 2, fieldOp: 'equals', fieldValue: '70' });
  });

  it('knows whether something is asked', () => {
    expect(isFiltered(readFilter({ search: 'a' }))).toBe(false);
    expect(isFiltered(readFilter({ lacks: 'phone' }))).toBe(true);
  });

  it('asks of a field when there is something to compare with', () => {
    const open = readFilter({ fieldId: 1 });
    expect(isWhole(open)).toBe(false);
    expect(given(queryOf(open, 'Europe/Kyiv'))).toEqual({});
    expect(given(matchingOf(open, 'Europe/Kyiv'))).toEqual({});
    expect(given(queryOf(readFilter({ fieldId: 1, fieldOp: 'unset' }), 'Europe/Kyiv'))).toEqual({ fieldId: 1, fieldOp: 'unset' });
    expect(matchingOf(readFilter({ fieldId: 1, fieldOp: 'atLeast', fieldValue: '5' }), 'Europe/Kyiv').field).toEqual({ id: 1, op: 'atLeast', value: '5' });
  });

  it('has whole days of a zone', () => {
    const { createdFrom, createdTo } = queryOf(readFilter({ from: '2026-03-01', to: '2026-03-01' }), 'Europe/Kyiv');
    expect([createdFrom, createdTo]).toEqual(['2026-02-28T22:00:00.000Z', '2026-03-01T22:00:00.000Z']);
  });
});
