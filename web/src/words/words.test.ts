import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { expect, test } from 'vitest';
import { en as first } from './en';
import { acts } from './en/acts';
import { audit } from './en/audit';
import { pauses } from './en/pauses';
import { places } from './en/places';
import { foreign, language } from './letters.test-env';
import { ru } from './ru';
import { uk } from './uk';

/** English, with what the first load does without. */
const en = { ...first, acts, audit, pauses, places };

type Leaf = string | ((...given: string[]) => string);

/** The texts of a catalogue by their paths, such as campaigns.states.draft and bots.steps.0, but for its problems: see problem.test.ts. */
function leaves(of: object, path: string[] = []): [string, Leaf][] {
  return Object.entries(of).filter(([key]) => path.length > 0 || key !== 'problems').flatMap(([key, value]) => {
    const at = [...path, key];
    return typeof value === 'object' ? leaves(value as object, at) : [[at.join('.'), value as Leaf] as [string, Leaf]];
  });
}

/** What functions are given: texts that are numbers too, so that counts take them, and that are found in what is returned. */
const given = ['71', '72', '73', '74'];

const said = (leaf: Leaf) => (typeof leaf === 'string' ? leaf : leaf(...given.slice(0, leaf.length)));

const english = leaves(en);

test.each([['en', en], ['uk', uk], ['ru', ru]])('%s says everything, with all that it is given', (_, words) => {
  const texts = leaves(words);
  expect(texts.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
  const arity = new Map(english.map(([path, leaf]) => [path, leaf.length]));
  for (const [path, leaf] of texts) {
    expect(said(leaf).trim(), path).not.toBe('');
    if (typeof leaf === 'string') continue;
    expect(leaf.length, path).toBe(arity.get(path));
    for (const value of given.slice(0, leaf.length)) expect(said(leaf), path).toContain(value);
  }
});

test.each([['uk', uk], ['ru', ru]] as const)('%s is written in its letters', (tag, words) => {
  for (const [path, leaf] of leaves(words)) {
    const text = language(said(leaf));
    expect(text, path).not.toMatch(/[a-z]/i);
    expect(text, path).not.toMatch(foreign[tag]);
  }
});

test.each([['uk', uk], ['ru', ru]])('%s declines with the number wherever English does', (_, words) => {
  const changes = (leaf: Leaf) => typeof leaf !== 'string' && leaf('1', '73').replace('1', '') !== leaf('2', '73').replace('2', '');
  const counted = english.filter(([, leaf]) => changes(leaf)).map(([path]) => path);
  expect(counted).toContain('numbers.people');
  expect(leaves(words).filter(([path, leaf]) => counted.includes(path) && !changes(leaf))).toEqual([]);
});

interface Source {
  name: string;
  text: string;
}

/** The source that speaks: all of it but the words themselves and tests. */
function sources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^words\/|^api\/generated\//.test(path))
    .map((path) => ({ name: parse(path).name, text: readFileSync(join(folder, path), 'utf8') }));
}

const all = sources(join(import.meta.dirname, '..'));

/** Whether a source, or one that it imports, names a key in quotes. */
const names = (source: Source, key: string) =>
  all.some((other) => (other === source || source.text.includes(`/${other.name}';`)) && other.text.includes(`'${key}'`));

/**
 * Whether a source speaks the word of a path: by its name, also through a variable that holds its section
 * (const w = words.welcome), or by an index. What takes a group (words.campaigns.states[state], words.bots.steps.map) speaks all of it;
 * an index into a section (words.nav[word]) speaks the words that are named in quotes there.
 */
function speaks(source: Source, path: string): boolean {
  const [section = '', key = '', ...inner] = path.split('.');
  const held = [...source.text.matchAll(new RegExp(`const (\\w+) = words\\.${section};`, 'g'))].map((m) => m[1]);
  const holders = [`words\\.${section}`, ...held].join('|');
  const has = (pattern: string) => new RegExp(`(?<![\\w.])(${holders})${pattern}`).test(source.text);
  if (inner.length > 0) return has(`\\.${key}(\\.${inner.join('\\.')}\\b|\\.map\\(|(?![\\w.]))`);
  return has(`\\.${key}\\b`) || (has('\\[') && names(source, key));
}

/** Sections whose keys are told by the server: ui/reason.ts, ui/pause.ts, words/problem.ts and features/workspace/Audit.tsx speak them. */
const told = ['reasons', 'places', 'acts', 'pauses'];

test('every word is spoken', () => {
  expect(all.length).toBeGreaterThan(20);
  expect(english.map(([path]) => path).filter((path) => !told.includes(path.split('.')[0] ?? '') && !all.some((source) => speaks(source, path)))).toEqual([]);
});
