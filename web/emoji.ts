import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { EmojiData } from 'frimousse';
import type { Plugin } from 'vite';

const prefix = 'virtual:emoji/';
const require = createRequire(import.meta.url);

interface Entry {
  emoji: string;
  label: string;
  group?: number;
  order?: number;
  tags?: string[];
  version: number;
  type: number;
  skins?: { emoji: string; tone: number | number[] }[];
}

/** The group of skin tones and hair, which are no emoji by themselves. */
const components = 2;
const tones = ['light', 'medium-light', 'medium', 'medium-dark', 'dark'] as const;

/** Reads what the picker needs of the emoji in a language: what they are, and by which words they are found. */
function dataOf(locale: string): EmojiData {
  const read = (file: string): unknown => JSON.parse(readFileSync(require.resolve(`emojibase-data/${locale}/${file}.json`), 'utf8'));
  const { groups, skinTones } = read('messages') as { groups: { message: string; order: number }[]; skinTones: { key: string; message: string }[] };
  const all = (read('data') as Entry[]).filter((e) => e.group !== undefined && e.group !== components).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  return {
    locale,
    emojis: all.map((e) => ({ emoji: e.emoji, category: e.group ?? 0, label: e.label, version: e.version, tags: e.tags ?? [], skins: skinsOf(e) })),
    categories: groups.filter((g) => g.order !== components).map((g) => ({ index: g.order, label: g.message })),
    skinTones: Object.fromEntries(skinTones.map((t) => [t.key, t.message])) as EmojiData['skinTones'],
  };
}

/** The forms of an emoji of one person by their skin. */
function skinsOf(e: Entry): Record<(typeof tones)[number], string> | undefined {
  const of = (i: number) => e.skins?.find((s) => s.tone === i + 1)?.emoji ?? e.emoji;
  return e.skins && (Object.fromEntries(tones.map((tone, i) => [tone, of(i)])) as Record<(typeof tones)[number], string>);
}

/** Makes a module of the emoji of a language, `virtual:emoji/uk`: an installation may have no access to a CDN. */
export function emoji(): Plugin {
  return {
    name: 'emoji',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load: (id) => (id.startsWith(`\0${prefix}`) ? `export default JSON.parse(${JSON.stringify(JSON.stringify(dataOf(id.slice(prefix.length + 1))))})` : undefined),
  };
}
