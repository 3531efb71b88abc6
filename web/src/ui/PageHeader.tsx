import { Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

/** The top of a screen: its one h1, its state, its action. */
export function PageHeader({ title, state, children }: { title: string; state?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Bellman`;
  }, [title]);
  return (
    <Stack gap={4} mb="lg">
      <Group justify="space-between" align="center" gap="sm">
        <Group gap="sm">
          <Title order={1}>{title}</Title>
          {state}
        </Group>
        <Group gap="xs">{children}</Group>
      </Group>
    </Stack>
  );
}
