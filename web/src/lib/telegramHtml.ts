import { liquid, parse, type Parsed } from './markup';

/** A piece of a message: text, or text that looks some way. */
export type Piece = string | { tag: string; href?: string; children: Piece[] };

/** Telegram's tags and how each is called here; all others are shown as what is in them. */
const tags: Record<string, string> = {
  b: 'b', strong: 'b', i: 'i', em: 'i', u: 'u', ins: 'u', s: 's', strike: 's', del: 's', code: 'code', 'tg-pre': 'pre', a: 'a', blockquote: 'blockquote', 'tg-spoiler': 'spoiler',
};

function piecesOf(nodes: NodeListOf<ChildNode>, parsed: Parsed): Piece[] {
  const out: Piece[] = [];
  for (const node of nodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.nodeValue) out.push(parsed.whole(node.nodeValue));
      continue;
    }
    if (!(node instanceof Element)) continue;
    const name = node.tagName.toLowerCase();
    const tag = name === 'span' && node.classList.contains('tg-spoiler') ? 'spoiler' : tags[name];
    const children = piecesOf(node.childNodes, parsed);
    if (!tag) out.push(...children);
    else if (tag === 'a') out.push({ tag, href: parsed.whole(node.getAttribute('href') ?? ''), children });
    else out.push({ tag, children });
  }
  return out;
}

/** Reads Telegram's HTML. Nothing of it is put into the page but through these pieces. */
export function pieces(html: string): Piece[] {
  const parsed = parse(html);
  return piecesOf(parsed.nodes, parsed);
}

/** The text of pieces, without how it looks. */
export function plain(all: Piece[]): string {
  return all.map((p) => (typeof p === 'string' ? p : plain(p.children))).join('');
}

/** How many characters Telegram counts, in UTF-16: those of the text, without its tags, and without what values will be. */
export function lengthOf(html: string): number {
  return plain(pieces(html.replace(liquid, ''))).length;
}
