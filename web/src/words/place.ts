import type { places as english } from './en/places';

/** What the parts of messages and forms are called. */
export type Places = typeof english;

/** Says which part of a message or form a field of the API is, such as buttons[0][1].url. */
export function placeOf(places: Places, field: string): string {
  const [, language, translated = ''] = /^translations\.([^.]+)\.?(.*)$/.exec(field) ?? [];
  if (language) return places.translated(placeOf(places, translated || 'translations'), language);
  const [, head = '', indexes = '', part = ''] = /^([^[.]*)((?:\[\d+\])*)\.?(.*)$/.exec(field) ?? [];
  if (indexes === '') return capital(nameOf(places, field));
  const [first = 0, second] = [...indexes.matchAll(/\d+/g)].map(([n]) => Number(n) + 1);
  const whole = second === undefined ? numberedOf(places, head, first) : places.button(second, first);
  return part ? places.part(whole, nameOf(places, part)) : whole;
}

function numberedOf(places: Places, head: string, n: number): string {
  if (head === 'buttons') return places.row(n);
  if (head === 'media') return places.file(n);
  return places.nth(capital(nameOf(places, head)), n);
}

/** Returns what a field is called; one that has no name here, as the API has it. */
export function nameOf(places: Places, field: string): string {
  return Object.hasOwn(places.names, field) ? places.names[field as keyof Places['names']] : field;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
