import { Center, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** In place of an empty list: what it is for, and one button. */
export function EmptyState({ icon, children, action }: { icon: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <Center py={64}>
      <Stack align="center" maw={420} gap="md">
        {icon}
        <Text ta="center" c="dimmed">
          {children}
        </Text>
        {action}
      </Stack>
    </Center>
  );
}
