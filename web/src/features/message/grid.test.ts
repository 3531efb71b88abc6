import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Button } from '@/api/generated';
import { aloneButton, directions, mostInRow, movedButton, type Place, steppedButton, withoutButton } from './grid';

const named = (rows: string[][]): Button[][] => rows.map((row) => row.map((text) => ({ text })));
const texts = (rows: Button[][]) => rows.map((row) => row.map((b) => b.text));

const grids = fc.array(fc.integer({ min: 1, max: mostInRow }), { minLength: 1, maxLength: 5 }).map((sizes) => sizes.map((n, r) => Array.from({ length: n }, (_, c) => ({ text: `${r}/${c}` }))));
const inside = (rows: Button[][]): fc.Arbitrary<Place> => fc.nat(rows.length - 1).chain((row) => fc.nat((rows[row]?.length ?? 1) - 1).map((column) => ({ row, column })));

function sound(before: Button[][], after: Button[][]) {
  expect(texts(after).flat().sort()).toEqual(texts(before).flat().sort());
  expect(after.every((row) => row.length > 0 && row.length <= mostInRow)).toBe(true);
}

describe('the grid of buttons', () => {
  it('moves within a row and between rows', () => {
    const rows = named([['a', 'b', 'c'], ['d']]);
    expect(texts(movedButton(rows, { row: 0, column: 0 }, { row: 0, column: 3 }))).toEqual([['b', 'c', 'a'], ['d']]);
    expect(texts(movedButton(rows, { row: 0, column: 2 }, { row: 0, column: 0 }))).toEqual([['c', 'a', 'b'], ['d']]);
    expect(texts(movedButton(rows, { row: 1, column: 0 }, { row: 0, column: 1 }))).toEqual([['a', 'd', 'b', 'c']]);
    expect(texts(aloneButton(rows, { row: 0, column: 1 }, 0))).toEqual([['b'], ['a', 'c'], ['d']]);
    expect(texts(withoutButton(rows, { row: 1, column: 0 }))).toEqual([['a', 'b', 'c']]);
  });

  it('neither loses nor doubles a button, and keeps rows within what Telegram shows', () => {
    fc.assert(
      fc.property(
        grids.chain((rows) => fc.tuple(fc.constant(rows), inside(rows), inside(rows), fc.boolean())),
        ([rows, from, to, behind]) => {
          sound(rows, movedButton(rows, from, { row: to.row, column: to.column + Number(behind) }));
          sound(rows, aloneButton(rows, from, to.row + Number(behind)));
        },
      ),
    );
  });

  it('steps to where it says', () => {
    fc.assert(
      fc.property(
        grids.chain((rows) => fc.tuple(fc.constant(rows), inside(rows), fc.constantFrom(...directions))),
        ([rows, from, to]) => {
          const text = rows[from.row]?.[from.column]?.text;
          const step = steppedButton(rows, from, to);
          if (!step) return;
          sound(rows, step.rows);
          expect(step.rows[step.place.row]?.[step.place.column]?.text).toBe(text);
          expect(texts(step.rows)).not.toEqual(texts(rows));
        },
      ),
    );
  });
});
