import { Group, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { chooseWorkspaceMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useSession } from '@/ui/session';
import { useWords } from '@/words/words';

/** The workspace that everything is about, and how to choose another. */
export function WorkspaceMenu() {
  const words = useWords();
  const session = useSession();
  // Nothing of one workspace may be seen in another: the page begins anew.
  const choose = useMutation({ ...chooseWorkspaceMutation(), onSuccess: () => location.assign('/') });
  const open = session.workspaces.filter((w) => !w.archivedAt);
  const name = session.workspace?.name ?? '';
  const title = (
    <Group gap={8} wrap="nowrap" p={4}>
      <img src="/bell.svg" alt="" width={22} height={22} />
      <Text fw={600} truncate>
        {name === 'default' || name === '' ? 'Bellman' : name}
      </Text>
      {open.length > 1 && <IconSelector size={16} aria-hidden />}
    </Group>
  );
  if (open.length < 2) return title;
  return (
    <Menu width={220}>
      <Menu.Target>
        <UnstyledButton aria-label={`${words.nav.workspace}: ${name}`}>{title}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {open.map((w) => (
          <Menu.Item
            key={w.id}
            rightSection={w.id === session.workspace?.id && <IconCheck size={16} aria-hidden />}
            onClick={() => choose.mutate({ body: { workspaceId: w.id } })}
          >
            {w.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
