import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core';
import { IconBlockquote, IconBold, IconBraces, IconCode, IconEyeOff, IconItalic, IconSourceCode, IconStrikethrough, IconUnderline } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Editor } from '@tiptap/react';
import type { CountedLink } from '@/api/generated';
import { listVariablesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { EmojiButton } from '@/ui/EmojiButton';
import { useWords } from '@/words/words';
import { LinkButton } from './LinkButton';
import { sourceOf } from './extensions';
import classes from './RichText.module.css';

/** What formats the text that is selected, and puts values in. */
export function Toolbar({ editor, links }: { editor: Editor | null; links: CountedLink[] }) {
  const words = useWords();
  const variables = useQuery({ ...listVariablesOptions(), staleTime: 60_000 });
  if (!editor) return null;
  const marks = [
    { name: 'bold', word: words.messages.bold, icon: IconBold },
    { name: 'italic', word: words.messages.italic, icon: IconItalic },
    { name: 'underline', word: words.messages.underline, icon: IconUnderline },
    { name: 'strike', word: words.messages.strike, icon: IconStrikethrough },
    { name: 'spoiler', word: words.messages.spoiler, icon: IconEyeOff },
    { name: 'code', word: words.messages.code, icon: IconCode },
  ];
  const blocks = [
    { name: 'blockquote', word: words.messages.quote, icon: IconBlockquote, act: () => editor.chain().focus().toggleBlockquote().run() },
    { name: 'codeBlock', word: words.messages.codeBlock, icon: IconSourceCode, act: () => editor.chain().focus().toggleCodeBlock().run() },
  ];
  return (
    <Group gap={2} className={classes.toolbar} role="toolbar" aria-label={words.messages.formatting}>
      {marks.map(({ name, word, icon: Icon }) => (
        <Tool key={name} word={word} on={editor.isActive(name)} act={() => editor.chain().focus().toggleMark(name).run()}>
          <Icon size={18} stroke={1.6} aria-hidden />
        </Tool>
      ))}
      <LinkButton editor={editor} links={links} />
      {blocks.map(({ name, word, icon: Icon, act }) => (
        <Tool key={name} word={word} on={editor.isActive(name)} act={act}>
          <Icon size={18} stroke={1.6} aria-hidden />
        </Tool>
      ))}
      <EmojiButton onPick={(emoji) => editor.chain().focus().insertContent(emoji).run()} />
      <Menu>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={words.messages.insert}>
            <IconBraces size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah={360} className={classes.values}>
          {variables.data?.items.map((v) => (
            <Menu.Item key={v.name} onClick={() => editor.chain().focus().insertContent({ type: 'liquid', attrs: { source: sourceOf(v.name, '') } }).run()}>
              {v.field ?? v.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function Tool({ word, on, act, children }: { word: string; on: boolean; act: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={word}>
      <ActionIcon variant={on ? 'light' : 'subtle'} color={on ? undefined : 'gray'} aria-label={word} aria-pressed={on} onClick={act}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
