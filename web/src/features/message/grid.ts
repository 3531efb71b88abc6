import type { Button } from '@/api/generated';

/** Where a button stands: its row and its place in it, from 0. */
export interface Place {
  row: number;
  column: number;
}

/** How many buttons a row has at most (Bot API: Telegram shows up to eight side by side). */
export const mostInRow = 8;

export const directions = ['left', 'right', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

const at = (rows: Button[][], { row, column }: Place) => rows[row]?.[column];
const filled = (rows: Button[][]) => rows.filter((row) => row.length > 0);

/** Returns the rows with a part of one button changed. */
export function changedButton(rows: Button[][], of: Place, part: Partial<Button>): Button[][] {
  return rows.map((row, r) => (r === of.row ? row.map((b, c) => (c === of.column ? { ...b, ...part } : b)) : row));
}

/** Returns the rows without one button. */
export function withoutButton(rows: Button[][], of: Place): Button[][] {
  return filled(rows.map((row, r) => (r === of.row ? row.filter((_, c) => c !== of.column) : row)));
}

/** Returns the rows with a button put before another place of them; what has no room there stays where it is. */
export function movedButton(rows: Button[][], from: Place, to: Place): Button[][] {
  const button = at(rows, from);
  const row = rows[to.row];
  if (!button || !row || (from.row !== to.row && row.length >= mostInRow)) return rows;
  const column = from.row === to.row && from.column < to.column ? to.column - 1 : to.column;
  const rest = rows.map((r, i) => (i === from.row ? r.filter((_, c) => c !== from.column) : r));
  return filled(rest.map((r, i) => (i === to.row ? [...r.slice(0, column), button, ...r.slice(column)] : r)));
}

/** Returns the rows with a button in a row of its own before another row. */
export function aloneButton(rows: Button[][], from: Place, before: number): Button[][] {
  const button = at(rows, from);
  if (!button) return rows;
  const rest = rows.map((r, i) => (i === from.row ? r.filter((_, c) => c !== from.column) : r));
  return filled([...rest.slice(0, before), [button], ...rest.slice(before)]);
}

/** Returns the rows with a button moved one step, and where it is then; nothing when there is no step that way. */
export function steppedButton(rows: Button[][], from: Place, to: Direction): { rows: Button[][]; place: Place } | undefined {
  const row = rows[from.row];
  if (!row) return undefined;
  const sideways = to === 'left' ? from.column - 1 : from.column + 1;
  if (to === 'left' || to === 'right') {
    if (sideways < 0 || sideways >= row.length) return undefined;
    const place = { row: from.row, column: sideways };
    return { rows: movedButton(rows, from, to === 'left' ? place : { row: from.row, column: sideways + 1 }), place };
  }
  const alone = row.length === 1;
  const next = to === 'up' ? from.row - 1 : from.row + 1;
  if (!alone) {
    // It first gets a row of its own, above or below those that it stood beside.
    const place = { row: to === 'up' ? from.row : from.row + 1, column: 0 };
    return { rows: aloneButton(rows, from, place.row), place };
  }
  const target = rows[next];
  if (!target || target.length >= mostInRow) return undefined;
  return { rows: movedButton(rows, from, { row: next, column: target.length }), place: { row: to === 'up' ? next : from.row, column: target.length } };
}
