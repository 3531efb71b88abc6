import { ActionIcon, Loader, Popover, Tooltip } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useWords } from '@/words/words';

const Picker = lazy(() => import('./EmojiPicker').then((m) => ({ default: m.EmojiPicker })));

/** Picks an emoji. What it knows of them is loaded when it is first opened. */
export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const words = useWords();
  const [opened, setOpened] = useState(false);
  const pick = (emoji: string) => {
    setOpened(false);
    onPick(emoji);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-start">
      <Popover.Target>
        <Tooltip label={words.common.emoji}>
          <ActionIcon variant="subtle" color="gray" aria-label={words.common.emoji} aria-expanded={opened} onClick={() => setOpened((is) => !is)}>
            <IconMoodSmile size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Suspense fallback={<Loader size="sm" aria-label={words.common.loading} />}>
          <Picker onPick={pick} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
