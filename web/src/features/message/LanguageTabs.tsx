import { ActionIcon, Group, Menu, Tabs } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { MessageBody } from '@/api/generated';
import { languageName } from '@/lib/languageName';
import { useLanguage, useWords } from '@/words/words';
import { added, offered, own, removed } from './languages';

interface Props {
  body: MessageBody;
  tag: string;
  readOnly: boolean;
  choose: (tag: string) => void;
  onChange: (body: MessageBody) => void;
}

/** The languages of a message: each reader gets theirs, and who has none of them the first. */
export function LanguageTabs({ body, tag, readOnly, choose, onChange }: Props) {
  const words = useWords();
  const { language } = useLanguage();
  const tags = Object.keys(body.translations ?? {});
  const rest = offered.filter((t) => t !== body.language && !tags.includes(t));
  return (
    <Group gap="xs">
      <Tabs value={tag || 'own'} onChange={(t) => choose(t === 'own' || t === null ? own : t)} variant="pills">
        <Tabs.List aria-label={words.messages.languages}>
          <Tabs.Tab value="own">{body.language ? languageName(body.language, language) : words.messages.ownLanguage}</Tabs.Tab>
          {tags.map((t) => (
            <Tabs.Tab key={t} value={t}>
              {languageName(t, language)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {!readOnly && (
        <Menu>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={words.messages.addLanguage}>
              <IconPlus size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((t) => (
              <Menu.Item
                key={t}
                onClick={() => {
                  onChange(added(body, t));
                  choose(t);
                }}
              >
                {languageName(t, language)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {!readOnly && tag !== own && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={words.messages.removeLanguage(languageName(tag, language))}
          onClick={() => {
            choose(own);
            onChange(removed(body, tag));
          }}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
