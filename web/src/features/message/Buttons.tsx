import { ActionIcon, Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { useMergedRef } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Button as Key, CountedLink } from '@/api/generated';
import { useDragging } from '@/ui/dragging';
import { useWords } from '@/words/words';
import { ButtonForm } from './ButtonForm';
import { aloneButton, changedButton, type Direction, mostInRow, movedButton, type Place, steppedButton, withoutButton } from './grid';
import classes from './Buttons.module.css';

interface Props {
  rows: Key[][];
  /** The links that are counted, as they were found last. */
  links: CountedLink[];
  readOnly: boolean;
  onChange: (rows: Key[][]) => void;
}

const fresh: Key = { text: '', url: 'https://' };
const same = (a: Place | undefined, b: Place) => a?.row === b.row && a.column === b.column;

/** The buttons under a message as they stand there: one opens to be changed, and is dragged, or moved step by step. */
export function Buttons({ rows, links, readOnly, onChange }: Props) {
  const words = useWords();
  const [open, setOpen] = useState<Place>();
  const add = (row: number) => {
    const column = rows[row]?.length ?? 0;
    onChange(column > 0 ? rows.map((r, i) => (i === row ? [...r, fresh] : r)) : [...rows, [fresh]]);
    setOpen({ row, column });
  };
  const step = (from: Place, to: Direction) => {
    const moved = steppedButton(rows, from, to);
    if (!moved) return;
    onChange(moved.rows);
    setOpen(moved.place);
  };
  const move = (change: () => Key[][]) => {
    setOpen(undefined);
    onChange(change());
  };
  if (readOnly && rows.length === 0) return null;
  return (
    <Stack gap={0} role="group" aria-label={words.messages.buttons}>
      <Text component="span" size="sm" fw={500} mb={4}>
        {words.messages.buttons}
      </Text>
      {rows.map((row, r) => (
        <div key={r}>
          <Between row={r} readOnly={readOnly} onDrop={(from) => move(() => aloneButton(rows, from, r))} />
          <Group gap={4} wrap="nowrap">
            {row.map((b, c) => {
              const place = { row: r, column: c };
              return (
                <ButtonForm
                  key={c}
                  button={b}
                  address={links.find((l) => l.button === b.text && l.target === b.url)?.address}
                  opened={same(open, place)}
                  readOnly={readOnly}
                  close={() => setOpen(undefined)}
                  onChange={(part) => onChange(changedButton(rows, place, part))}
                  onRemove={() => move(() => withoutButton(rows, place))}
                  onStep={(to) => step(place, to)}
                  canStep={(to) => steppedButton(rows, place, to) !== undefined}
                >
                  <KeyCap
                    button={b}
                    place={place}
                    readOnly={readOnly}
                    onOpen={() => setOpen(same(open, place) ? undefined : place)}
                    onDrop={(from, behind) => move(() => movedButton(rows, from, { row: r, column: c + (behind ? 1 : 0) }))}
                  />
                </ButtonForm>
              );
            })}
            {!readOnly && row.length < mostInRow && (
              <ActionIcon variant="subtle" color="gray" size={36} aria-label={words.messages.addBeside(r + 1)} onClick={() => add(r)}>
                <IconPlus size={14} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        </div>
      ))}
      {!readOnly && (
        <>
          <Between row={rows.length} readOnly={readOnly} onDrop={(from) => move(() => aloneButton(rows, from, rows.length))} />
          <Group>
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(rows.length)}>
              {words.messages.addButton}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

interface KeyCapProps extends React.AriaAttributes {
  button: Key;
  place: Place;
  readOnly: boolean;
  onOpen: () => void;
  onDrop: (from: Place, behind: boolean) => void;
  id?: string;
  ref?: React.Ref<HTMLButtonElement>;
}

/** A button as it looks under the message. What opens beside it gives it a name, a state and a ref. */
function KeyCap({ button, place, readOnly, onOpen, onDrop, ref: target, ...named }: KeyCapProps) {
  const words = useWords();
  const { ref, over } = useDragging<Place, HTMLButtonElement>({ kind: 'button', place, disabled: readOnly, onDrop: (from, side) => onDrop(from, side === 'after') });
  return (
    <UnstyledButton {...named} ref={useMergedRef(ref, target)} className={classes.key} data-over={over} data-style={button.style} onClick={onOpen}>
      {button.text || <span className={classes.empty}>{words.messages.buttonText}</span>}
    </UnstyledButton>
  );
}

/** Between rows, where a button gets a row of its own. */
function Between({ row, readOnly, onDrop }: { row: number; readOnly: boolean; onDrop: (from: Place) => void }) {
  const { ref, over } = useDragging<Place, HTMLDivElement>({ kind: 'button', place: { row, column: 0 }, draggable: false, disabled: readOnly, onDrop });
  return <div ref={ref} className={classes.between} data-over={over && ''} />;
}
