import { ActionIcon, Button, FileButton, Group, Loader, Text } from '@mantine/core';
import { IconArrowLeft, IconEyeOff, IconPaperclip, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { type Media, uploadMedia } from '@/api/generated';
import { useDragging } from '@/ui/dragging';
import { tellFault } from '@/ui/notice';
import { useWords } from '@/words/words';
import classes from './MediaBox.module.css';

/** How many files an album has at most (Bot API, sendMediaGroup). */
const most = 10;

interface Props {
  media: Media[];
  readOnly: boolean;
  onChange: (media: Media[]) => void;
}

/** The files of a message: dropped or chosen, in their order. */
export function MediaBox({ media, readOnly, onChange }: Props) {
  const words = useWords();
  const [over, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: async (files: File[]) => {
      const added: Media[] = [];
      for (const file of files) {
        const { data } = await uploadMedia({ body: file, query: { name: file.name }, throwOnError: true });
        added.push({ kind: data.kinds[0] ?? 'document', id: data.id });
      }
      return added;
    },
    onSuccess: (added) => onChange([...media, ...added].slice(0, most)),
    onError: tellFault,
  });
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    if (e.dataTransfer.files.length > 0) upload.mutate([...e.dataTransfer.files]);
  };
  return (
    <div
      className={`${classes.box} ${over ? classes.over : ''}`}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={readOnly ? undefined : drop}
    >
      <Group gap="sm">
        {media.map((m, i) => (
          <MediaFile
            key={`${m.id ?? m.url}/${i}`}
            file={m}
            place={i}
            readOnly={readOnly}
            onMove={(from, to) => onChange(moved(media, from, to))}
            onChange={(part) => onChange(media.map((one, j) => (j === i ? { ...one, ...part } : one)))}
            onRemove={() => onChange(media.filter((_, j) => j !== i))}
          />
        ))}
        {upload.isPending && <Loader size="sm" aria-label={words.common.loading} />}
        {!readOnly && media.length < most && (
          <FileButton onChange={(files) => files.length > 0 && upload.mutate(files)} multiple inputProps={{ 'aria-label': words.messages.addFiles }}>
            {(props) => (
              <Button {...props} size="xs" variant="default" leftSection={<IconPaperclip size={14} aria-hidden />}>
                {words.messages.addFiles}
              </Button>
            )}
          </FileButton>
        )}
      </Group>
    </div>
  );
}

interface MediaFileProps {
  file: Media;
  place: number;
  readOnly: boolean;
  onMove: (from: number, to: number) => void;
  onChange: (part: Partial<Media>) => void;
  onRemove: () => void;
}

/** One file: it is dragged to its place, or moved step by step, hidden until it is tapped, or taken away. */
function MediaFile({ file: m, place, readOnly, onMove, onChange, onRemove }: MediaFileProps) {
  const words = useWords();
  const { ref, over } = useDragging<number, HTMLDivElement>({ kind: 'file', place, disabled: readOnly, onDrop: (from, side) => onMove(from, place + (side === 'after' ? 1 : 0)) });
  const hides = m.kind === 'photo' || m.kind === 'video' || m.kind === 'animation';
  return (
    <div ref={ref} className={classes.item} data-over={over}>
      {m.id && m.kind === 'photo' ? <img src={`/manage/v1/media/${m.id}/content`} alt={words.messages.photo(place + 1)} draggable={false} data-hidden={m.spoiler || undefined} /> : <Text size="xs">{m.url ?? m.kind}</Text>}
      {!readOnly && (
        <Group gap={2} className={classes.tools}>
          {place > 0 && (
            <ActionIcon size="xs" variant="default" aria-label={words.messages.earlier(place + 1)} onClick={() => onMove(place, place - 1)}>
              <IconArrowLeft size={12} aria-hidden />
            </ActionIcon>
          )}
          {hides && (
            <ActionIcon size="xs" variant={m.spoiler ? 'filled' : 'default'} aria-label={words.messages.hideFile(place + 1)} aria-pressed={m.spoiler === true} onClick={() => onChange({ spoiler: m.spoiler ? undefined : true })}>
              <IconEyeOff size={12} aria-hidden />
            </ActionIcon>
          )}
          <ActionIcon size="xs" variant="default" aria-label={words.messages.removeFile(place + 1)} onClick={onRemove}>
            <IconTrash size={12} aria-hidden />
          </ActionIcon>
        </Group>
      )}
    </div>
  );
}

/** Returns the list with one of it put before another place of it. */
function moved<T>(all: T[], from: number, to: number): T[] {
  const rest = all.filter((_, i) => i !== from);
  const place = from < to ? to - 1 : to;
  return [...rest.slice(0, place), ...all.slice(from, from + 1), ...rest.slice(place)];
}
