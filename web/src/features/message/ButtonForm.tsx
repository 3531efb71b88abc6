import { ActionIcon, Button, Group, Popover, Select, Stack, Switch, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Button as Key } from '@/api/generated';
import { EmojiButton } from '@/ui/EmojiButton';
import { useWords } from '@/words/words';
import { type Direction, directions } from './grid';
import { LeadsTo } from './LinkButton';

/** What a button does: exactly one of these says it. */
const deeds = ['url', 'callbackData', 'copyText', 'webApp'] as const;
type Deed = (typeof deeds)[number];
const deedOf = (b: Key): Deed => deeds.find((d) => b[d] !== undefined) ?? 'url';
const begins: Record<Deed, string> = { url: 'https://', callbackData: '', copyText: '', webApp: 'https://' };
const colours = ['primary', 'success', 'danger'] as const;

const arrows = { left: IconArrowLeft, right: IconArrowRight, up: IconArrowUp, down: IconArrowDown };

interface Props {
  button: Key;
  /** Where its link leads with all that is added; unknown while it is changed. */
  address?: string;
  opened: boolean;
  readOnly: boolean;
  close: () => void;
  onChange: (part: Partial<Key>) => void;
  onRemove: () => void;
  onStep: (to: Direction) => void;
  canStep: (to: Direction) => boolean;
  /** The button that opens it. */
  children: ReactNode;
}

/** What stands on a button, what it does, and where it is. */
export function ButtonForm({ button: b, address, opened, readOnly, close, onChange, onRemove, onStep, canStep, children }: Props) {
  const words = useWords();
  const deed = deedOf(b);
  const become = (next: Deed) => onChange({ url: undefined, callbackData: undefined, copyText: undefined, webApp: undefined, [next]: begins[next] });
  return (
    <Popover opened={opened} onDismiss={close} trapFocus width={320} position="bottom" shadow="md">
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown aria-label={b.text || words.messages.addButton}>
        <Stack gap="xs">
          <TextInput
            label={words.messages.buttonText}
            value={b.text}
            readOnly={readOnly}
            onChange={(e) => onChange({ text: e.currentTarget.value })}
            rightSection={!readOnly && <EmojiButton onPick={(emoji) => onChange({ text: b.text + emoji })} />}
            data-autofocus
          />
          <Select
            label={words.messages.buttonDeed}
            data={deeds.map((d) => ({ value: d, label: words.messages.deeds[d] }))}
            value={deed}
            readOnly={readOnly}
            allowDeselect={false}
            onChange={(d) => become(deeds.find((one) => one === d) ?? 'url')}
            comboboxProps={{ withinPortal: false }}
          />
          <TextInput
            label={words.messages.deedValue[deed]}
            description={words.messages.deedHint[deed]}
            inputMode={deed === 'url' || deed === 'webApp' ? 'url' : 'text'}
            value={b[deed] ?? ''}
            readOnly={readOnly}
            onChange={(e) => onChange({ [deed]: e.currentTarget.value })}
          />
          {deed === 'url' && !b.untracked && address && <LeadsTo address={address} />}
          {deed === 'url' && <Switch label={words.messages.counted} checked={!b.untracked} disabled={readOnly} onChange={(e) => onChange({ untracked: e.currentTarget.checked ? undefined : true })} />}
          <Select
            label={words.messages.buttonColour}
            placeholder={words.messages.colours.none}
            data={colours.map((c) => ({ value: c, label: words.messages.colours[c] }))}
            value={b.style ?? null}
            readOnly={readOnly}
            clearable
            onChange={(c) => onChange({ style: colours.find((one) => one === c) })}
            comboboxProps={{ withinPortal: false }}
          />
          {!readOnly && (
            <Group justify="space-between">
              <Group gap={2}>
                {directions.map((to) => {
                  const Icon = arrows[to];
                  return (
                    <ActionIcon key={to} variant="subtle" color="gray" aria-label={words.messages.move[to]} disabled={!canStep(to)} onClick={() => onStep(to)}>
                      <Icon size={16} aria-hidden />
                    </ActionIcon>
                  );
                })}
                <ActionIcon variant="subtle" color="red" aria-label={words.messages.removeButton} onClick={onRemove}>
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
              <Button size="xs" onClick={close}>
                {words.common.done}
              </Button>
            </Group>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
