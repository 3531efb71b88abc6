import type { Words } from './words';

type Text = string | ((...given: string[]) => string);

/**
 * What is said of a refusal in place of the server's English sentence: a text, or how one is made of what changes in that sentence
 * (see givenIn). Where one code has several sentences, the text of each stands under a part of it, and that of the others under ''.
 */
export type Saying = Text | { [part: string]: Text };

/** How a language says what the server refuses. English has none: the server speaks it. */
export interface Problems {
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
  /** Says where a defect is. */
  inField: (field: string, what: string) => string;
}

/** What the server tells of a refusal. */
export interface Told {
  code: string;
  /** Its sentence. */
  message: string;
  status?: number;
  /** What is wrong with the form of the request. */
  defects?: { location: string; message: string }[] | null;
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

/** Says a refusal in the language of the words. What has no words there is said in general, with the server's sentence behind it. */
export function sayProblem(words: Words, told: Told): string {
  const { problems } = words;
  if (!problems) return told.message;
  if (told.defects?.length) return told.defects.map((d) => sayDefect(words, problems, d)).join(' ');
  return sayIn(problems, told.code, told.message) ?? generally(problems, told);
}

/** Says the sentence of a code; undefined when there are no words for it. */
function sayIn(problems: Problems, code: string, sentence: string): string | undefined {
  const at = place.exec(sentence);
  if (at) {
    const said = sayIn(problems, code, sentence.slice(at[0].length));
    return said && problems.at(at[1] ?? '', at[2] ?? '', said);
  }
  const with_ = trial.exec(sentence);
  if (with_) {
    const said = sayIn(problems, code, sentence.slice(with_[0].length));
    return said && problems.tried[with_[1] ?? '']?.(said);
  }
  const text = textOf(problems, code, sentence);
  if (typeof text !== 'function') return text;
  const given = givenIn(sentence);
  return given.length < text.length ? undefined : text(...given);
}

function textOf(problems: Problems, code: string, sentence: string): Text | undefined {
  const saying = Object.hasOwn(problems.codes, code) ? problems.codes[code] : undefined;
  if (typeof saying !== 'object') return saying;
  const part = Object.keys(saying).find((p) => p !== '' && sentence.includes(p));
  return saying[part ?? ''];
}

/** Says what a code means where its sentence is not at hand, such as in the audit log. */
export function meaningOf({ problems }: Words, code: string): string {
  const text = problems && textOf(problems, code, '');
  if (text === undefined) return code.replaceAll('_', ' ');
  return typeof text === 'string' ? text : text(...Array<string>(text.length).fill('…'));
}

function generally({ statuses, behind }: Problems, { status = 0, message }: Told): string {
  return `${statuses[status] ?? statuses[0]} ${behind(message)}`;
}

function sayDefect(words: Words, problems: Problems, { location, message }: { location: string; message: string }): string {
  const field = placeOf(words, location.replace(/^(body|query|path)\.?/, ''));
  for (const [pattern, say] of problems.defects) {
    const found = pattern.exec(message);
    if (found) return problems.inField(field, say(...found.slice(1).map((part) => nameOf(words.places, part))));
  }
  return [field, problems.behind(message)].filter(Boolean).join('. ');
}

/** Says which part of a message or form a field of the API is, such as buttons[0][1].url. */
export function placeOf(words: Pick<Words, 'places'>, field: string): string {
  const { places } = words;
  const [, language, translated = ''] = /^translations\.([^.]+)\.?(.*)$/.exec(field) ?? [];
  if (language) return places.translated(placeOf(words, translated || 'translations'), language);
  const [, head = '', indexes = '', part = ''] = /^([^[.]*)((?:\[\d+\])*)\.?(.*)$/.exec(field) ?? [];
  if (indexes === '') return capital(nameOf(places, field));
  const [first = 0, second] = [...indexes.matchAll(/\d+/g)].map(([n]) => Number(n) + 1);
  const whole = second === undefined ? numberedOf(places, head, first) : places.button(second, first);
  return part ? places.part(whole, nameOf(places, part)) : whole;
}

type Places = Words['places'];

function numberedOf(places: Places, head: string, n: number): string {
  if (head === 'buttons') return places.row(n);
  if (head === 'media') return places.file(n);
  return places.nth(capital(nameOf(places, head)), n);
}

/** What a field is called; one that has no name here, as the API has it. */
function nameOf(places: Places, field: string): string {
  return Object.hasOwn(places.names, field) ? places.names[field as keyof Places['names']] : field;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
