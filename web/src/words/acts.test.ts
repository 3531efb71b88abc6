import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acts } from './en/acts';
import { audit } from './en/audit';

const root = join(import.meta.dirname, '../../..');

/** The Go source below a folder, without tests. */
function goOf(folder: string): string {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.filter((p) => p.endsWith('.go') && !p.endsWith('_test.go')).map((p) => readFileSync(join(root, folder, p), 'utf8')).join('\n');
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((m) => m[1] ?? '');

test('every act of the audit log has words, and none is left over', () => {
  // Refusals of any operation are told, also of one that only looks.
  const [paths = ''] = readFileSync(join(root, 'internal/api/manage/openapi.yaml'), 'utf8').split(/^webhooks:$/m);
  const operations = found(paths, /^ {6}operationId: (\S+)$/gm);
  const commands = found(goOf('cmd/bellman'), /byCommand\(ctx, "([\w-]+)"/g);
  const calls = found(goOf('internal/api/integration'), /(?:\bact: |\.Refused\(r, )"([\w-]+)"/g);
  const floods = found(goOf('internal/audit'), /\bAct: "([\w-]+)"/g);
  expect(operations.length).toBeGreaterThan(150);
  for (const some of [commands, calls, floods]) expect(some.length).toBeGreaterThan(0);
  expect(Object.keys(acts).sort()).toEqual([...new Set([...operations, ...commands, ...calls, ...floods])].sort());
});

test('every property that the audit log tells has words, and none is left over', () => {
  const source = goOf('internal');
  const facts = found(source, /\bFacts\{([^}]*)/g).flatMap((inside) => found(inside, /"(\w+)":/g));
  const set = found(source, /\b(?:f|facts)\["(\w+)"\](?=,| = )/g);
  expect(facts).toContain('approvalAbove');
  expect(set).toContain('addToGroup');
  // What stands inside matching is not told apart.
  const inside = ['search', 'groupIds', 'botId', 'chat', 'languageCodes', 'field', 'created'];
  expect(Object.keys(audit.facts).sort()).toEqual([...new Set([...facts, ...set])].filter((fact) => !inside.includes(fact)).sort());
});
