/** Telegram's HTML as elements, with the Liquid in it out of the way of the parser of HTML. */
export interface Parsed {
  nodes: NodeListOf<ChildNode>;
  /** Splits text at the Liquid in it; in every second place, from 1 on, stands Liquid as it was written. */
  split: (text: string) => string[];
  /** Returns a text, as of an attribute, with its Liquid. */
  whole: (text: string) => string;
}

/** A piece of Liquid. */
export const liquid = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
// Two characters that are nothing of their own (Unicode, private use) stand around the number of a piece of Liquid.
const [from, to] = ['\ue000', '\ue001'];
const placed = new RegExp(`${from}(\\d+)${to}`);

/** Reads Telegram's HTML. Nothing of it gets into the page. */
export function parse(html: string): Parsed {
  const kept: string[] = [];
  const safe = html
    .replaceAll(from, '')
    .replaceAll(to, '')
    .replace(/\r\n?/g, '\n')
    .replace(liquid, (source) => `${from}${kept.push(source) - 1}${to}`)
    // A parser of HTML takes away the first new line of <pre>; Telegram does not.
    .replace(/<(\/?)pre(?=[\s>])/gi, '<$1tg-pre');
  // Blanks at the beginning of a body are taken away as well, but not those of an element in it.
  const body = new DOMParser().parseFromString(`<div>${safe}</div>`, 'text/html').body;
  const put = (text: string) => text.replace(new RegExp(placed, 'g'), (_, n: string) => kept[Number(n)] ?? '');
  return {
    nodes: (body.firstChild ?? body).childNodes,
    split: (text) => text.split(placed).map((part, i) => (i % 2 === 1 ? (kept[Number(part)] ?? '') : part)),
    whole: put,
  };
}

/** Writes text so that nothing of it is taken for a tag. */
export function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
