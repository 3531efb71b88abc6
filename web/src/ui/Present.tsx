import { Avatar, Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { bePresent, type PresenceInputBody } from '@/api/generated';
import { useWords } from '@/words/words';

/** How often one says that one is still there, in milliseconds. */
const often = 15_000;

/** Says what one has open, and shows who else has it. */
export function Present({ type, id }: { type: PresenceInputBody['type']; id: number }) {
  const words = useWords();
  const present = useQuery({
    queryKey: ['bePresent', type, id],
    queryFn: async ({ signal }) => (await bePresent({ body: { type, id: String(id) }, signal, throwOnError: true })).data.people,
    refetchInterval: often,
    retry: false,
  });
  const people = present.data ?? [];
  if (people.length === 0) return null;
  const names = people.map((p) => p.name).join(', ');
  return (
    <Group gap={6} wrap="nowrap" role="status">
      <Avatar.Group spacing="xs">
        {people.slice(0, 3).map((p) => (
          <Tooltip key={p.userId} label={p.name}>
            <Avatar size={24} name={p.name} color="initials" alt="" />
          </Tooltip>
        ))}
      </Avatar.Group>
      <Text size="sm" c="dimmed">
        {words.common.alsoHere(names)}
      </Text>
    </Group>
  );
}
