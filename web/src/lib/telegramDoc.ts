import { escape, parse, type Parsed } from './markup';

/** A node of the editor's document, as ProseMirror writes it in JSON. */
export interface DocNode {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: Mark[];
  content?: DocNode[];
}

interface Mark {
  type: string;
  attrs?: Record<string, unknown>;
}

const markOf: Record<string, string> = {
  b: 'bold', strong: 'bold', i: 'italic', em: 'italic', u: 'underline', ins: 'underline', s: 'strike', strike: 'strike', del: 'strike', 'tg-spoiler': 'spoiler', code: 'code',
};

/** The marks and their tags, in the order in which they stand around a text. */
const order = [
  ['link', 'a'], ['spoiler', 'tg-spoiler'], ['bold', 'b'], ['italic', 'i'], ['underline', 'u'], ['strike', 's'], ['code', 'code'],
] as const;

/** Builds blocks line by line: a new line in Telegram is a paragraph of its own here. */
class Builder {
  readonly blocks: DocNode[] = [];
  private line: DocNode | undefined;
  /** Whether a block has just ended, after which a new line only separates. */
  private closed = false;

  constructor(private readonly parsed: Parsed) {}

  private current(): DocNode {
    if (!this.line) {
      this.line = { type: 'paragraph', content: [] };
      this.blocks.push(this.line);
    }
    this.closed = false;
    return this.line;
  }

  private newLine() {
    if (this.closed) {
      this.closed = false;
    } else {
      this.current();
    }
    this.line = undefined;
    this.current();
  }

  inline(node: DocNode) {
    this.current().content?.push(node);
  }

  block(node: DocNode) {
    // The line that a new line has begun before a block is the block's.
    if (this.line?.content?.length === 0 && this.blocks.at(-1) === this.line) this.blocks.pop();
    this.blocks.push(node);
    this.line = undefined;
    this.closed = true;
  }

  text(value: string, marks: Mark[]) {
    this.parsed.split(value).forEach((part, i) => {
      if (i % 2 === 1) return this.inline(marked({ type: 'liquid', attrs: { source: part } }, marks));
      part.split('\n').forEach((line, j) => {
        if (j > 0) this.newLine();
        if (line) this.inline(marked({ type: 'text', text: line }, marks));
      });
    });
  }
}

function marked(node: DocNode, marks: Mark[]): DocNode {
  return marks.length > 0 ? { ...node, marks } : node;
}

function read(nodes: Iterable<ChildNode>, marks: Mark[], into: Builder, parsed: Parsed) {
  for (const node of nodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      into.text(node.nodeValue ?? '', marks);
      continue;
    }
    if (!(node instanceof Element)) continue;
    const name = node.tagName.toLowerCase();
    if (name === 'blockquote') {
      const inside = new Builder(parsed);
      read(node.childNodes, marks, inside, parsed);
      into.block({ type: 'blockquote', attrs: { expandable: node.hasAttribute('expandable') }, content: filled(inside.blocks) });
    } else if (name === 'tg-pre') {
      const language = /(?:^|\s)language-(\S+)/.exec(node.querySelector('code')?.getAttribute('class') ?? '')?.[1] ?? null;
      const text = parsed.whole(node.textContent ?? '');
      into.block({ type: 'codeBlock', attrs: { language }, content: text ? [{ type: 'text', text }] : [] });
    } else if (name === 'tg-emoji' || name === 'tg-time') {
      into.inline(marked({ type: 'raw', attrs: { html: parsed.whole(node.outerHTML), shown: parsed.whole(node.textContent ?? '') } }, marks));
    } else if (name === 'a') {
      const attrs = { href: parsed.whole(node.getAttribute('href') ?? ''), untracked: node.getAttribute('data-track') === 'off' };
      read(node.childNodes, [...marks, { type: 'link', attrs }], into, parsed);
    } else {
      const type = name === 'span' && node.classList.contains('tg-spoiler') ? 'spoiler' : markOf[name];
      const known = type === undefined || marks.some((m) => m.type === type);
      read(node.childNodes, known ? marks : [...marks, { type }], into, parsed);
    }
  }
}

const filled = (blocks: DocNode[]) => (blocks.length > 0 ? blocks : [{ type: 'paragraph', content: [] }]);

/** Returns the document of a text in Telegram's HTML with Liquid. */
export function toDoc(html: string): DocNode {
  const parsed = parse(html);
  const all = new Builder(parsed);
  read(parsed.nodes, [], all, parsed);
  return { type: 'doc', content: filled(all.blocks) };
}

function opening(mark: Mark, tag: string): string {
  if (mark.type !== 'link') return `<${tag}>`;
  const href = String(mark.attrs?.href ?? '').replace(/&(?!amp;|lt;|gt;|quot;)/g, '&amp;').replace(/"/g, '&quot;');
  return `<a href="${href}"${mark.attrs?.untracked === true ? ' data-track="off"' : ''}>`;
}

function own(node: DocNode): string {
  if (node.type === 'liquid') return String(node.attrs?.source ?? '');
  if (node.type === 'raw') return String(node.attrs?.html ?? '');
  return escape(node.text ?? '');
}

function line(nodes: DocNode[] = []): string {
  let out = '';
  let open: { mark: Mark; tag: string }[] = [];
  const same = (a: Mark, b: Mark) => a.type === b.type && a.attrs?.href === b.attrs?.href && a.attrs?.untracked === b.attrs?.untracked;
  for (const node of nodes) {
    const wanted = order.flatMap(([type, tag]) => (node.marks ?? []).filter((m) => m.type === type).map((mark) => ({ mark, tag })));
    let kept = 0;
    while (kept < open.length && kept < wanted.length && same((open[kept] as { mark: Mark }).mark, (wanted[kept] as { mark: Mark }).mark)) kept++;
    for (const { tag } of open.slice(kept).reverse()) out += `</${tag}>`;
    for (const { mark, tag } of wanted.slice(kept)) out += opening(mark, tag);
    open = wanted;
    out += own(node);
  }
  for (const { tag } of open.reverse()) out += `</${tag}>`;
  return out;
}

function block(node: DocNode): string {
  switch (node.type) {
    case 'blockquote':
      return `<blockquote${node.attrs?.expandable === true ? ' expandable' : ''}>${(node.content ?? []).map(block).join('\n')}</blockquote>`;
    case 'codeBlock': {
      const text = (node.content ?? []).map((n) => escape(n.text ?? '')).join('');
      const language = node.attrs?.language;
      return typeof language === 'string' && language ? `<pre><code class="language-${language}">${text}</code></pre>` : `<pre>${text}</pre>`;
    }
    default:
      return line(node.content);
  }
}

/** Returns a document as Telegram's HTML with Liquid. Empty lines at the end are left out, as Telegram does. */
export function toHtml(doc: DocNode): string {
  return (doc.content ?? []).map(block).join('\n').replace(/\n+$/, '');
}

/** Reports whether the editor can show a text without changing it; tags that mean the same count as the same. */
export function isFaithful(html: string): boolean {
  const plainTags = html
    .replace(/\r\n?/g, '\n')
    .replace(/<(\/?)strong>/gi, '<$1b>')
    .replace(/<(\/?)em>/gi, '<$1i>')
    .replace(/<(\/?)ins>/gi, '<$1u>')
    .replace(/<(\/?)(?:del|strike)>/gi, '<$1s>')
    .replace(/\n+$/, '');
  return toHtml(toDoc(plainTags)) === plainTags;
}
