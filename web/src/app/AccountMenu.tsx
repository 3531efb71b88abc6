import { ActionIcon, Avatar, Group, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { signOutMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useSession } from '@/ui/session';
import { type Language, languages, useLanguage, useWords } from '@/words/words';

/** Who has signed in, with what is theirs alone: language, theme, the way out. */
export function AccountMenu({ compact = false }: { compact?: boolean }) {
  const words = useWords();
  const { user } = useSession();
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({ ...signOutMutation(), onSettled: () => location.assign('/start') });
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        {compact ? (
          <ActionIcon variant="subtle" color="gray" size={40} aria-label={words.account.menu}>
            <IconUser size={20} stroke={1.6} aria-hidden />
          </ActionIcon>
        ) : (
          <UnstyledButton aria-label={words.account.menu}>
            <Group gap="xs" wrap="nowrap">
              <Avatar size={28} name={user.name} color="initials" />
              <Text size="sm" truncate>
                {user.name}
              </Text>
            </Group>
          </UnstyledButton>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Label>{words.account.language}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((l) => (
          <Menu.Item key={l} lang={l} leftSection={<IconLanguage size={16} aria-hidden />} aria-current={l === language} fw={l === language ? 600 : undefined} onClick={() => choose(l)}>
            {languages[l]}
          </Menu.Item>
        ))}
        <Menu.Label>{words.account.theme}</Menu.Label>
        {([['light', IconSun], ['dark', IconMoon], ['auto', IconDeviceDesktop]] as const).map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} aria-hidden />}
            aria-current={scheme === colorScheme}
            fw={scheme === colorScheme ? 600 : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {words.account[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate({})}>
          {words.account.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
