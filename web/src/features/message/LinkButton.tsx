import { ActionIcon, Button, Group, Popover, Stack, Switch, Text, TextInput, Tooltip } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import type { Editor } from '@tiptap/react';
import { useState } from 'react';
import type { CountedLink } from '@/api/generated';
import { useWords } from '@/words/words';

/** What a link has while it is changed. */
interface Edited {
  href: string;
  untracked: boolean;
}

/** Makes a link of what is selected, changes where one leads, or takes it away. links are those that the server found in the text as it was saved last. */
export function LinkButton({ editor, links }: { editor: Editor; links: CountedLink[] }) {
  const words = useWords();
  const [edited, setEdited] = useState<Edited>();
  const on = editor.isActive('link');
  const show = () => {
    const { href, untracked } = editor.getAttributes('link') as { href?: string; untracked?: boolean };
    setEdited({ href: href ?? 'https://', untracked: untracked === true });
  };
  const apply = ({ href, untracked }: Edited) => {
    setEdited(undefined);
    const to = href.trim();
    const at = editor.chain().focus().extendMarkRange('link');
    if (to === '' || to === 'https://') return at.unsetLink().run();
    const attrs = { href: to, untracked };
    if (editor.state.selection.empty && !on) return at.insertContent({ type: 'text', text: to, marks: [{ type: 'link', attrs }] }).run();
    return at.setMark('link', attrs).run();
  };
  const address = links.find((l) => l.target === edited?.href.trim())?.address;
  return (
    <Popover opened={edited !== undefined} onDismiss={() => setEdited(undefined)} trapFocus width={340}>
      <Popover.Target>
        <Tooltip label={words.messages.link}>
          <ActionIcon variant={on ? 'light' : 'subtle'} color={on ? undefined : 'gray'} aria-label={words.messages.link} aria-pressed={on} onClick={show}>
            <IconLink size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        {edited && (
          <form
            onSubmit={(e) => {
              e.preventDefault();
              apply(edited);
            }}
          >
            <Stack gap="xs">
              <TextInput label={words.messages.linkAsk} type="text" inputMode="url" value={edited.href} data-autofocus onChange={(e) => setEdited({ ...edited, href: e.currentTarget.value })} />
              <Switch label={words.messages.counted} checked={!edited.untracked} onChange={(e) => setEdited({ ...edited, untracked: !e.currentTarget.checked })} />
              {edited.untracked ? <Text size="xs">{words.messages.notCounted}</Text> : address && <LeadsTo address={address} />}
              <Group justify="flex-end" gap="xs">
                {on && (
                  <Button variant="default" size="xs" onClick={() => apply({ ...edited, href: '' })}>
                    {words.messages.unlink}
                  </Button>
                )}
                <Button type="submit" size="xs">
                  {words.common.save}
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Where whoever follows a link comes out, with its UTM parameters. */
export function LeadsTo({ address }: { address: string }) {
  const words = useWords();
  return (
    <Text size="xs" c="dimmed">
      {words.messages.leadsTo}{' '}
      <Text span inherit c="var(--mantine-color-text)" ff="monospace" data-wrap>
        {address}
      </Text>
    </Text>
  );
}
