import { Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MessageBody } from '@/api/generated';
import { getMessageVersionOptions, listMessageVersionsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Bubble } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

interface Props {
  id: number;
  opened: boolean;
  close: () => void;
  restore: (body: MessageBody) => void;
}

/** What a message was before: who saved what, and how to have it again. */
export function Versions({ id, opened, close, restore }: Props) {
  const words = useWords();
  const f = useFormat();
  const [shown, setShown] = useState<number>();
  const versions = useQuery({ ...listMessageVersionsOptions({ path: { id }, query: { limit: 100 } }), enabled: opened });
  const version = useQuery({ ...getMessageVersionOptions({ path: { id, number: shown ?? 0 } }), enabled: opened && shown !== undefined });
  return (
    <Drawer opened={opened} onClose={close} position="right" title={words.messages.versions} closeButtonProps={{ 'aria-label': words.common.close }}>
      <Stack gap="xs">
        {versions.data?.items.map((v) => (
          <div key={v.number}>
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm">
                {f.time(v.savedAt)}
                {v.savedBy && `, ${v.savedBy.name}`}
              </Text>
              <Button size="compact-xs" variant="subtle" aria-expanded={shown === v.number} onClick={() => setShown(shown === v.number ? undefined : v.number)}>
                {words.messages.look}
              </Button>
            </Group>
            {shown === v.number && version.data && (
              <Stack gap="xs" my="xs">
                <Bubble seen={{ text: version.data.content.text ?? '', media: [], captionAbove: false, buttons: (version.data.content.buttons ?? []).map((r) => r ?? []) }} dark={false} time="" />
                <Button
                  size="xs"
                  onClick={() => {
                    restore({ name: version.data.name, ...version.data.content });
                    close();
                  }}
                >
                  {words.messages.restore}
                </Button>
              </Stack>
            )}
          </div>
        ))}
      </Stack>
    </Drawer>
  );
}
