import { Mark, Node } from '@tiptap/core';
import StarterKit from '@tiptap/starter-kit';

/** Text that shows when it is tapped. */
const Spoiler = Mark.create({
  name: 'spoiler',
  parseHTML: () => [{ tag: 'tg-spoiler' }, { tag: 'span.tg-spoiler' }],
  renderHTML: () => ['span', { class: 'tg-spoiler' }, 0],
});

/** A value, or another piece of Liquid, as a chip. */
const Liquid = Node.create({
  name: 'liquid',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({ source: { default: '' } }),
  parseHTML: () => [{ tag: 'span[data-liquid]', getAttrs: (e) => ({ source: e.getAttribute('data-liquid') }) }],
  renderHTML: ({ node }) => ['span', { 'data-liquid': String(node.attrs.source), class: 'chip' }, shownOf(String(node.attrs.source))],
  renderText: ({ node }) => String(node.attrs.source),
});

/** A custom emoji or a time, which stay as they were written. */
const Raw = Node.create({
  name: 'raw',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({ html: { default: '' }, shown: { default: '' } }),
  renderHTML: ({ node }) => ['span', { class: 'chip' }, String(node.attrs.shown)],
  renderText: ({ node }) => String(node.attrs.shown),
});

/** The schema of the editor: what Telegram has, and nothing else. What is pasted becomes that. */
export const extensions = [
  StarterKit.configure({
    heading: false, bulletList: false, orderedList: false, listItem: false, listKeymap: false, horizontalRule: false, hardBreak: false, trailingNode: false,
    link: { openOnClick: false, autolink: true, linkOnPaste: true, protocols: ['tg', 'mailto', 'tel'], HTMLAttributes: { target: null, rel: null } },
  }).extend({
    addKeyboardShortcuts() {
      // A line is a paragraph here, however one begins it.
      return { 'Shift-Enter': () => this.editor.commands.splitBlock() };
    },
    addGlobalAttributes: () => [
      { types: ['blockquote'], attributes: { expandable: { default: false, rendered: false } } },
      { types: ['link'], attributes: { untracked: { default: false, rendered: false } } },
    ],
  }),
  Spoiler,
  Liquid,
  Raw,
];

/** How a piece of Liquid is shown in its chip: a value by its name, everything else as it is. */
export function shownOf(source: string): string {
  const value = valueOf(source);
  return value ? value.name.replace(/^contact\.(fields\.)?/, '') : source;
}

const form = /^\{\{-?\s*([\w.[\]]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?-?\}\}$/;

/** Returns the name and the fallback of a value; undefined for Liquid that is more than that. */
export function valueOf(source: string): { name: string; fallback: string } | undefined {
  const found = form.exec(source);
  return found ? { name: found[1] ?? '', fallback: found[2] ?? found[3] ?? '' } : undefined;
}

/** Writes a value with what stands in its place where it is missing; empty for nothing. */
export function sourceOf(name: string, fallback: string): string {
  const quoted = fallback.includes('"') ? `'${fallback.replace(/'/g, '’')}'` : `"${fallback}"`;
  return fallback ? `{{ ${name} | default: ${quoted} }}` : `{{ ${name} }}`;
}
