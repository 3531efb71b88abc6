import { Group, SegmentedControl, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { CountedLink } from '@/api/generated';
import { isFaithful } from '@/lib/telegramDoc';
import { lengthOf } from '@/lib/telegramHtml';
import { useWords } from '@/words/words';
import { RichText } from './RichText';

// How long a text may be (Bot API, sendMessage and captions), in characters after its entities are read.
const most = { text: 4096, caption: 1024 };

interface Props {
  value: string;
  /** The links that are counted, as they were found last. */
  links: CountedLink[];
  caption: boolean;
  readOnly: boolean;
  onChange: (text: string) => void;
}

/** The text of a message: as it looks, or as Telegram's HTML for those who want it. */
export function TextBox({ value, links, caption, readOnly, onChange }: Props) {
  const words = useWords();
  const faithful = isFaithful(value);
  const [html, setHtml] = useState(!faithful);
  const limit = caption ? most.caption : most.text;
  const length = lengthOf(value);
  return (
    <div>
      {html ? (
        <Textarea
          label={words.messages.text}
          description={faithful ? words.messages.htmlHint : words.messages.htmlOnly}
          autosize
          minRows={8}
          value={value}
          readOnly={readOnly}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      ) : (
        <RichText value={value} links={links} readOnly={readOnly} onChange={onChange} />
      )}
      <Group justify="space-between" mt={4}>
        <SegmentedControl
          size="xs"
          aria-label={words.messages.formatting}
          value={html ? 'html' : 'visual'}
          onChange={(v) => setHtml(v === 'html')}
          data={[{ value: 'visual', label: words.messages.visual, disabled: !faithful }, { value: 'html', label: words.messages.html }]}
        />
        <Text size="xs" c={length > limit ? 'red' : 'dimmed'}>
          {words.messages.counter(length, limit)}
        </Text>
      </Group>
    </div>
  );
}
