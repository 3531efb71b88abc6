import { ActionIcon, Button, FileButton, Group, Loader, Text } from '@mantine/core';
import { IconArrowLeft, IconPaperclip, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { type Media, uploadMedia } from '@/api/generated';
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
  const swap = (i: number) => onChange(media.map((m, j) => (j === i - 1 ? (media[i] ?? m) : j === i ? (media[i - 1] ?? m) : m)));
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
          <div key={`${m.id ?? m.url}/${i}`} className={classes.item}>
            {m.id && m.kind === 'photo' ? <img src={`/manage/v1/media/${m.id}/content`} alt={words.messages.photo(i + 1)} /> : <Text size="xs">{m.url ?? m.kind}</Text>}
            {!readOnly && (
              <Group gap={2} className={classes.tools}>
                {i > 0 && (
                  <ActionIcon size="xs" variant="default" aria-label={words.messages.earlier(i + 1)} onClick={() => swap(i)}>
                    <IconArrowLeft size={12} aria-hidden />
                  </ActionIcon>
                )}
                <ActionIcon size="xs" variant="default" aria-label={words.messages.removeFile(i + 1)} onClick={() => onChange(media.filter((_, j) => j !== i))}>
                  <IconTrash size={12} aria-hidden />
                </ActionIcon>
              </Group>
            )}
          </div>
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
