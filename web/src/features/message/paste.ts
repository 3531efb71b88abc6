import { translateMessage } from '@/api/generated';

// Markdown, and the variables of other systems: what the server can translate.
const foreign = /\*\*\S|__\S|\]\(https?:|%[A-Z][A-Z_]*(?:\|[^%]*)?%|\$!?\{?data|\*\|[A-Z_]+\|\*|\$\{\w+\}/;

/** Reports whether a text is written for another system. */
export function isForeign(text: string): boolean {
  return foreign.test(text);
}

/** Returns a text of another system in Telegram's HTML and Liquid. */
export async function translated(text: string): Promise<string> {
  const { data } = await translateMessage({ body: { text }, throwOnError: true });
  return data.content.text ?? text;
}

/** Returns pasted HTML in the form of the editor: headings are bold lines, the points of lists have their sign. */
export function cleaned(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const heading of page.querySelectorAll('h1,h2,h3,h4,h5,h6')) replace(page, heading, 'b', '');
  for (const item of page.querySelectorAll('li')) {
    const list = item.parentElement;
    const number = list?.tagName === 'OL' ? [...list.children].indexOf(item) + 1 : 0;
    replace(page, item, '', number > 0 ? `${number}. ` : '• ');
  }
  for (const br of page.querySelectorAll('br')) br.replaceWith(page.createTextNode('\n'));
  return page.body.innerHTML;
}

function replace(page: Document, from: Element, tag: string, before: string) {
  const line = page.createElement('p');
  const inside = tag ? page.createElement(tag) : line;
  if (before) inside.append(before);
  inside.append(...from.childNodes);
  if (inside !== line) line.append(inside);
  from.replaceWith(line);
}
