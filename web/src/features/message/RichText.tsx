import { Input, Text } from '@mantine/core';
import { EditorContent, useEditor } from '@tiptap/react';
import { useEffect, useRef } from 'react';
import type { CountedLink } from '@/api/generated';
import { type DocNode, toDoc, toHtml } from '@/lib/telegramDoc';
import { tellFault } from '@/ui/notice';
import { useWords } from '@/words/words';
import { extensions } from './extensions';
import { cleaned, isForeign, translated } from './paste';
import { Toolbar } from './Toolbar';
import { ValueBar } from './ValueBar';
import classes from './RichText.module.css';

const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content;

/** Writes a text as it will look. It begins with the value and tells what becomes of it. */
export function RichText({ value, links, readOnly, onChange }: { value: string; links: CountedLink[]; readOnly: boolean; onChange: (html: string) => void }) {
  const words = useWords();
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  }, [onChange]);
  const editor = useEditor({
    extensions,
    content: toDoc(value),
    editable: !readOnly,
    injectNonce: nonce,
    shouldRerenderOnTransaction: true,
    editorProps: {
      attributes: { 'aria-label': words.messages.text, role: 'textbox', 'aria-multiline': 'true', class: classes.text ?? '' },
      transformPastedHTML: cleaned,
      handlePaste: (_, event) => {
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (event.clipboardData?.types.includes('text/html') || !isForeign(text)) return false;
        translated(text).then((html) => editor?.commands.insertContent(toDoc(html).content ?? []), tellFault);
        return true;
      },
    },
    onUpdate: ({ editor: e }) => tell.current(toHtml(e.getJSON() as DocNode)),
  });
  return (
    <div>
      <Text component="span" size="sm" fw={500}>
        {words.messages.text}
      </Text>
      <div className={classes.frame}>
        {!readOnly && <Toolbar editor={editor} links={links} />}
        <EditorContent editor={editor} />
        {!readOnly && <ValueBar editor={editor} />}
      </div>
      <Input.Description>{words.messages.textHint}</Input.Description>
    </div>
  );
}
