import { Button, CloseButton, Group, Popover } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '@/words/words';
import classes from './FilterChip.module.css';

interface Props {
  /** What is filtered, and by what. */
  label: string;
  value: string;
  /** Whether its editor is open. */
  opened: boolean;
  onOpen: (opened: boolean) => void;
  onRemove: () => void;
  children: ReactNode;
}

/** One filter of a list: it says what it asks, and opens to ask something else. */
export function FilterChip({ label, value, opened, onOpen, onRemove, children }: Props) {
  const words = useWords();
  return (
    <Popover opened={opened} onChange={onOpen} trapFocus returnFocus width={280} position="bottom-start">
      <Popover.Target>
        <Group gap={0} wrap="nowrap" className={classes.chip}>
          <Button variant="subtle" size="compact-sm" className={classes.text} aria-expanded={opened} onClick={() => onOpen(!opened)}>
            {value ? `${label}: ${value}` : label}
          </Button>
          <CloseButton size="sm" aria-label={words.common.removeFilter(label)} onClick={onRemove} />
        </Group>
      </Popover.Target>
      <Popover.Dropdown>{children}</Popover.Dropdown>
    </Popover>
  );
}
