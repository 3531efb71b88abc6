import { ActionIcon, Button, Group, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import type { Editor } from '@tiptap/react';
import { useState } from 'react';
import { useWords } from '@/words/words';

/** Makes a link of what is selected, changes where one leads, or takes it away. */
export function LinkButton({ editor }: { editor: Editor }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [href, setHref] = useState('');
  const on = editor.isActive('link');
  const show = () => {
    setHref(String(editor.getAttributes('link').href ?? 'https://'));
    setOpen(true);
  };
  const apply = (e: React.FormEvent) => {
    e.preventDefault();
    setOpen(false);
    const at = editor.chain().focus().extendMarkRange('link');
    if (href.trim() === '' || href.trim() === 'https://') at.unsetLink().run();
    else if (editor.state.selection.empty && !on) at.insertContent({ type: 'text', text: href.trim(), marks: [{ type: 'link', attrs: { href: href.trim() } }] }).run();
    else at.setLink({ href: href.trim() }).run();
  };
  return (
    <Popover opened={open} onChange={setOpen} trapFocus width={320}>
      <Popover.Target>
        <Tooltip label={words.messages.link}>
          <ActionIcon variant={on ? 'light' : 'subtle'} color={on ? undefined : 'gray'} aria-label={words.messages.link} aria-pressed={on} onClick={show}>
            <IconLink size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={apply}>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput label={words.messages.linkAsk} type="text" inputMode="url" flex={1} value={href} data-autofocus onChange={(e) => setHref(e.currentTarget.value)} />
            <Button type="submit">{words.common.save}</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
