import { nameOf, placeOf, type Places } from './place';
import type { Problems, Told } from './problem';

type Text = string | ((...given: string[]) => string);

/**
 * What is said of a refusal in place of the server's English sentence: a text, or how one is made of what changes in that sentence
 * (see givenIn). Where one code has several sentences, the text of each stands under a part of it, and that of the others under ''.
 */
export type Saying = Text | { [part: string]: Text };

/** What a language says of refusals. English has none of this: the server speaks it. */
export interface Sayings {
  /** What each code means and what to do. */
  codes: { [code: string]: Saying };
  /** Where in a text of several lines it is. */
  at: (line: string, column: string, what: string) => string;
  /** With which values the text was tried. */
  tried: { [how: string]: (what: string) => string };
  /** A code that has no words, by its status; under 0 for every other one. */
  statuses: { 0: string; [status: number]: string };
  /** The server's sentence, behind words that say less. */
  behind: (sentence: string) => string;
  /** What is wrong with the form of a value, by a pattern of the server's sentence. */
  defects: [RegExp, (...given: string[]) => string][];
  /** What the parts of messages and forms are called. */
  places: Places;
  /** Says where a defect is. */
  inField: (field: string, what: string) => string;
}

/** What of a sentence changes; whatever stands in a group is taken. The first that fits a place counts. */
const changing = new RegExp(
  [
    '^(.+)(?= would be sent as it stands)',
    '(?<=; write )(.+)(?=, or put it between)',
    '"((?:[^"\\\\]|\\\\.)*)"',
    '(?<=did you mean )(.+?)(?=\\?)',
    '(?<=there is no (?:filter |custom field |variable )?)([^\\s;"<{]+)(?=;|$)',
    '\\{%-?\\s*(.*?)\\s*-?%\\}',
    '\\{\\{\\s*(.*?)\\s*\\}\\}',
    '</?([\\w-]+)',
    '\\((.*)\\)',
    '(?<![\\w+.-])(\\d+)(?!\\w)',
  ].join('|'),
  'g',
);

/** Returns what changes in a sentence of the server, in its order: numbers, and what is quoted, in brackets, a tag or a name. */
export function givenIn(sentence: string): string[] {
  return [...sentence.matchAll(changing)].map((m) => m.slice(1).find((group) => group !== undefined) ?? '');
}

const place = /^line (\d+), column (\d+): /;
const trial = /^(with sample values|without values)(?:, at "(?:[^"\\]|\\.)*")?: /;

/** Returns how a language says refusals. */
export function sayer(sayings: Sayings): Problems {
  return {
    say: (told) => {
      if (told.defects?.length) return told.defects.map((d) => sayDefect(sayings, d)).join(' ');
      return sayIn(sayings, told.code, told.message) ?? generally(sayings, told);
    },
    mean: (code) => {
      const text = textOf(sayings, code, '');
      return typeof text === 'function' ? text(...Array<string>(text.length).fill('…')) : text;
    },
  };
}

/** Says the sentence of a code; undefined when there are no words for it. */
function sayIn(sayings: Sayings, code: string, sentence: string): string | undefined {
  const at = place.exec(sentence);
  if (at) {
    const said = sayIn(sayings, code, sentence.slice(at[0].length));
    return said && sayings.at(at[1] ?? '', at[2] ?? '', said);
  }
  const tried = trial.exec(sentence);
  if (tried) {
    const said = sayIn(sayings, code, sentence.slice(tried[0].length));
    return said && sayings.tried[tried[1] ?? '']?.(said);
  }
  const text = textOf(sayings, code, sentence);
  if (typeof text !== 'function') return text;
  const given = givenIn(sentence);
  return given.length < text.length ? undefined : text(...given);
}

function textOf(sayings: Sayings, code: string, sentence: string): Text | undefined {
  const saying = Object.hasOwn(sayings.codes, code) ? sayings.codes[code] : undefined;
  if (typeof saying !== 'object') return saying;
  const part = Object.keys(saying).find((p) => p !== '' && sentence.includes(p));
  return saying[part ?? ''];
}

function generally({ statuses, behind }: Sayings, { status = 0, message }: Told): string {
  return `${statuses[status] ?? statuses[0]} ${behind(message)}`;
}

function sayDefect(sayings: Sayings, { location, message }: { location: string; message: string }): string {
  const field = placeOf(sayings.places, location.replace(/^(body|query|path)\.?/, ''));
  for (const [pattern, say] of sayings.defects) {
    const found = pattern.exec(message);
    if (found) return sayings.inField(field, say(...found.slice(1).map((part) => nameOf(sayings.places, part))));
  }
  return [field, sayings.behind(message)].filter(Boolean).join('. ');
}

