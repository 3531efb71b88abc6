import { ActionIcon, Group, Menu, Text, Textarea, Tooltip } from '@mantine/core';
import { IconBold, IconBraces, IconCode, IconItalic, IconLink, IconQuote, IconStrikethrough, IconUnderline } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { listVariablesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { lengthOf } from '@/lib/telegramHtml';
import { useWords } from '@/words/words';
import { wrap } from './draft';
import classes from './Editor.module.css';

// How long a text may be (Bot API, sendMessage and captions), in characters after its entities are read.
const most = { text: 4096, caption: 1024 };

interface Props {
  value: string;
  caption: boolean;
  readOnly: boolean;
  onChange: (text: string) => void;
}

/** The text of a message in Telegram's HTML, with what formats it and puts values in. */
export function TextBox({ value, caption, readOnly, onChange }: Props) {
  const words = useWords();
  const box = useRef<HTMLTextAreaElement>(null);
  const variables = useQuery({ ...listVariablesOptions(), staleTime: 60_000 });
  const put = (before: string, after: string) => {
    const at = box.current;
    if (!at) return;
    const next = wrap(value, at.selectionStart, at.selectionEnd, before, after);
    onChange(next.text);
    requestAnimationFrame(() => {
      at.focus();
      at.setSelectionRange(next.from, next.to);
    });
  };
  const marks = [
    { word: words.messages.bold, icon: IconBold, tag: 'b' },
    { word: words.messages.italic, icon: IconItalic, tag: 'i' },
    { word: words.messages.underline, icon: IconUnderline, tag: 'u' },
    { word: words.messages.strike, icon: IconStrikethrough, tag: 's' },
    { word: words.messages.code, icon: IconCode, tag: 'code' },
    { word: words.messages.quote, icon: IconQuote, tag: 'blockquote' },
  ];
  const limit = caption ? most.caption : most.text;
  const length = lengthOf(value);
  return (
    <div>
      {!readOnly && (
        <Group gap={4} mb={4} role="toolbar" aria-label={words.messages.formatting}>
          {marks.map(({ word, icon: Icon, tag }) => (
            <Tooltip key={tag} label={word}>
              <ActionIcon variant="subtle" color="gray" aria-label={word} onClick={() => put(`<${tag}>`, `</${tag}>`)}>
                <Icon size={18} stroke={1.6} aria-hidden />
              </ActionIcon>
            </Tooltip>
          ))}
          <Tooltip label={words.messages.link}>
            <ActionIcon variant="subtle" color="gray" aria-label={words.messages.link} onClick={() => put('<a href="https://">', '</a>')}>
              <IconLink size={18} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Menu>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={words.messages.insert}>
                <IconBraces size={18} stroke={1.6} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {variables.data?.items.map((v) => (
                <Menu.Item key={v.name} onClick={() => put(`{{ ${v.name} }}`, '')}>
                  {v.field ?? v.name}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
      <Textarea
        ref={box}
        label={words.messages.text}
        description={words.messages.textHint}
        autosize
        minRows={8}
        value={value}
        readOnly={readOnly}
        className={classes.text}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
      <Text size="xs" c={length > limit ? 'red' : 'dimmed'} ta="right">
        {words.messages.counter(length, limit)}
      </Text>
    </div>
  );
}
