import { Group, TextInput } from '@mantine/core';
import type { Editor } from '@tiptap/react';
import { useWords } from '@/words/words';
import { sourceOf, valueOf } from './extensions';
import { Lacking } from './Lacking';
import classes from './RichText.module.css';

interface Selected {
  node?: { type: { name: string }; attrs: Record<string, unknown> };
  from: number;
}

/** For the value that is selected: what stands in its place where somebody lacks it. */
export function ValueBar({ editor }: { editor: Editor | null }) {
  const words = useWords();
  const selection = editor?.state.selection as unknown as Selected | undefined;
  const node = selection?.node;
  if (!editor || node?.type.name !== 'liquid') return null;
  const value = valueOf(String(node.attrs.source));
  if (!value) return null;
  const set = (fallback: string) =>
    editor.commands.command(({ tr }) => {
      const { from } = selection as Selected;
      tr.setNodeAttribute(from, 'source', sourceOf(value.name, fallback));
      return true;
    });
  return (
    <Group className={classes.bar}>
      <TextInput size="xs" label={words.messages.fallback(value.name)} placeholder={words.messages.fallbackNone} value={value.fallback} onChange={(e) => set(e.currentTarget.value)} flex={1} />
      <Lacking name={value.name} />
    </Group>
  );
}
