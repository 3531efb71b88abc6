import { expect, test } from 'vitest';
import { columnsOf } from './mapping';

test('an import is told what it would not know', () => {
  const column = (name: string, means: string, sure: 'known' | 'likely' | 'unknown') => ({ name, means, sure, samples: [] });
  const look = { columns: [column('email', 'email', 'known'), column('Телефон', 'phone', 'likely'), column('Hat', 'ignore', 'unknown')], delimiter: ',', encoding: 'utf-8' as const, rows: [] };
  expect(columnsOf(look, {})).toEqual(['Телефон=phone', 'Hat=ignore']);
  expect(columnsOf(look, { email: 'ignore', Hat: 'town' })).toEqual(['email=ignore', 'Телефон=phone', 'Hat=town']);
});
