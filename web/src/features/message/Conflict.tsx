import { Button, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Message, MessageBody } from '@/api/generated';
import { Bubble } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

interface Props {
  mine: MessageBody;
  theirs: Message;
  decide: (keepMine: boolean) => void;
}

/** Two people have written one message: both versions, and which of them counts. */
export function Conflict({ mine, theirs, decide }: Props) {
  const words = useWords();
  const f = useFormat();
  const sides = [
    { title: words.messages.mine, body: mine, keep: words.messages.conflictMine, isMine: true },
    { title: words.messages.theirs, body: theirs, keep: words.messages.conflictTheirs, isMine: false },
  ];
  return (
    <Modal opened onClose={() => {}} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} size="xl" title={words.messages.conflictTitle}>
      <Stack>
        <Text>{words.messages.conflictLead(theirs.editedBy?.name ?? '', f.time(theirs.updatedAt))}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {sides.map((side) => (
            <Stack key={side.title} gap="xs">
              <Title order={2}>{side.title}</Title>
              <Text size="sm">{side.body.name}</Text>
              <Bubble seen={{ text: side.body.text ?? '', media: [], captionAbove: false, buttons: (side.body.buttons ?? []).map((r) => r ?? []) }} dark={false} time="" />
              <Button variant={side.isMine ? 'filled' : 'default'} onClick={() => decide(side.isMine)}>
                {side.keep}
              </Button>
            </Stack>
          ))}
        </SimpleGrid>
      </Stack>
    </Modal>
  );
}
