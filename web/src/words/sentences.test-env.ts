import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A sentence with which the Go source refuses something. */
export interface Sentence {
  code: string;
  /** The format of the sentence; undefined where it is made elsewhere. */
  format?: string;
  /** The folder below internal, such as api/manage. */
  folder: string;
}

interface Source {
  folder: string;
  text: string;
}

/** A function that gets the code of a refusal, at this place of its arguments. */
interface Maker {
  call: RegExp;
  at: number;
  /** Whether the sentence is the next one. */
  told: boolean;
  /** The folder in which it is called so; undefined for all. */
  folder?: string;
}

function sourcesIn(root: string): Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.go') && !path.endsWith('_test.go'))
    .map((path) => ({ folder: dirname(path), text: readFileSync(join(root, path), 'utf8').replace(/^\s*\/\/.*$/gm, '') }));
}

/** The arguments of a call, from behind its opening bracket. */
function argumentsAt(text: string, from: number): string[] {
  const args = [''];
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '"' || c === '`') {
      const literal = (c === '"' ? /"(?:[^"\\]|\\.)*"/y : /`[^`]*`/y);
      literal.lastIndex = i;
      const whole = literal.exec(text)?.[0] ?? c;
      args[args.length - 1] += whole;
      i += whole.length - 1;
      continue;
    }
    if ('([{'.includes(c)) depth++;
    if (')]}'.includes(c) && depth-- === 0) break;
    if (c === ',' && depth === 0) args.push('');
    else args[args.length - 1] += c;
  }
  return args.map((a) => a.trim());
}

/** A source in which texts that are added stand as one. */
const joined = (text: string) => text.split(/"\s*\+\s*"/).join('');

/** The text of a literal, also of several that are added; undefined for what is none. */
function literal(argument: string | undefined): string | undefined {
  if (argument?.startsWith('fmt.Sprintf(')) return literal(argumentsAt(argument, 'fmt.Sprintf('.length)[0]);
  const parts = joined(argument ?? '');
  if (/^`[^`]*`$/.test(parts)) return parts.slice(1, -1);
  return /^"(?:[^"\\]|\\.)*"$/.test(parts) ? (JSON.parse(parts.replaceAll('\\U', '\\\\U')) as string) : undefined;
}

/** The functions with a parameter called code: they are found, so that no new one is forgotten. */
function makersOf({ folder, text }: Source): Maker[] {
  return [...text.matchAll(/(?:func (?:\([^)]*\) )?(\w+)|(\w+) := func)\(([^)]*)\)/g)].flatMap(([, name, local, parameters = '']) => {
    const at = parameters.split(',').findIndex((p) => /^\s*code\b(?! (?:int|error))/.test(p));
    const more = parameters.split(',').length - 1;
    // One that only looks at a code gets no sentence behind it.
    if (at < 0 || at === more) return [];
    const called = local ?? name ?? '';
    const told = /^\s*(format|sentence|detail|text)\b/.test(parameters.split(',')[at + 1] ?? '');
    const here = { call: new RegExp(`(?<!fault\\.|problem\\.)\\b${called}\\(`, 'g'), at, told, folder };
    // What is exported is called by its package elsewhere.
    return /^[A-Z]/.test(called) ? [here, { ...here, call: new RegExp(`\\b${folder.split('/').at(-1) ?? ''}\\.${called}\\(`, 'g'), folder: undefined }] : [here];
  });
}

/** What a constant of the source is; the constants of refusals are few and their names are used once. */
function constant(sources: Source[], name: string): string | undefined {
  return sources.map((s) => new RegExp(`\\b${name}\\b[^\\n=]*= "([a-z_]+)"`).exec(s.text)?.[1]).find((value) => value !== undefined);
}

const isCode = /^[a-z][a-z0-9_]*$/;

/**
 * The sentences of the Go source below a folder: what is given to a function with a parameter called code, what is returned as a code with
 * its reason, and what stands in a value that begins with a Code. Codes that the source puts together are in unread; text is all of it.
 */
export function sentencesIn(root: string): { sentences: Sentence[]; unread: string[]; text: string } {
  const sources = sourcesIn(root);
  const makers = sources.flatMap(makersOf);
  const sentences: Sentence[] = [];
  const unread: string[] = [];
  const add = (folder: string, code: string, format: string | undefined) => {
    const said = literal(code) ?? (/^\w+$/.test(code) ? constant(sources, code) : undefined);
    const quoted = /^string\(outcome\.(\w+)\)$/.exec(code)?.[1];
    const known = said ?? (quoted && constant(sources, quoted));
    if (known && isCode.test(known)) sentences.push({ code: known, format: literal(format), folder });
    else if (!/^code$|\.Code$|^""$/.test(code)) unread.push(code);
  };
  for (const { folder, text } of sources) {
    for (const { call, at, told, folder: of } of makers) {
      if (of !== undefined && of !== folder) continue;
      for (const m of text.matchAll(call)) {
        if (/func (?:\([^)]*\) )?$/.test(text.slice(0, m.index))) continue;
        const args = argumentsAt(text, m.index + m[0].length);
        if (args[at] !== undefined) add(folder, args[at], told ? args[at + 1] : undefined);
      }
    }
    for (const m of text.matchAll(/return ("[a-z0-9]+(?:_[a-z0-9]+)+"), (?:fmt\.Sprintf\()?("(?:[^"\\]|\\.)*")?/g)) add(folder, m[1] ?? '', m[2]);
    const coded = [...text.matchAll(/type (\w+) struct \{\s*Code +string/g)].map((m) => m[1]);
    for (const type of coded) {
      for (const other of sources.filter((s) => s.folder === folder)) {
        for (const m of other.text.matchAll(new RegExp(`\\b${type}\\{\\s*("[a-z0-9_]+"),`, 'g'))) add(folder, m[1] ?? '', argumentsAt(other.text, m.index + m[0].length)[0]);
      }
    }
  }
  return { sentences, unread, text: sources.map((s) => joined(s.text)).join('\n') };
}
