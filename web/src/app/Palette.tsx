import { Kbd, Modal, Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData, spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { listCampaignsOptions, listContactsOptions, listMessagesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { called } from '@/ui/PersonPicker';
import { nameIn } from '@/ui/action';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { places } from './places';

/** Goes anywhere by a few letters (⌘K, Ctrl K or /), and lists the keys (?). */
export function Palette() {
  const words = useWords();
  const navigate = useNavigate();
  const mayWrite = useMay('write');
  const [query, setQuery] = useState('');
  const [help, setHelp] = useState(false);
  const [used, setUsed] = useState(false);
  useHotkeys([['?', () => setHelp(true)], ['shift+?', () => setHelp(true)]]);
  const campaigns = useQuery({ ...listCampaignsOptions({ query: { limit: 50 } }), enabled: used });
  const messages = useQuery({ ...listMessagesOptions({ query: { limit: 50 } }), enabled: used });
  const contacts = useQuery({ ...listContactsOptions({ query: { limit: 8, search: query } }), enabled: used && query.trim() !== '' });
  const go = (to: string) => () => void navigate({ to });
  const fits = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase());
  const actions: SpotlightActionData[] = [
    ...places.map((p) => ({ id: p.to, label: words.nav[p.word], onClick: go(p.to) })),
    ...(mayWrite
      ? [
          { id: 'new campaign', label: words.campaigns.new, onClick: go('/campaigns/new') },
          { id: 'new message', label: words.messages.new, onClick: go('/messages/new') },
        ]
      : []),
    ...(query
      ? [
          ...(campaigns.data?.items ?? []).map((c) => ({ id: `c${c.id}`, label: nameIn(words, c), description: words.nav.campaigns, onClick: go(`/campaigns/${c.id}`) })),
          ...(messages.data?.items ?? []).map((m) => ({ id: `m${m.id}`, label: m.name, description: words.nav.messages, onClick: go(`/messages/${m.id}`) })),
        ]
      : []),
  ].filter((a) => fits(a.label));
  const people = (contacts.data?.items ?? []).map((c) => ({
    id: `p${c.id}`,
    label: called(c, words),
    description: words.nav.contacts,
    onClick: go(`/contacts/${c.id}`),
  }));
  return (
    <>
      <Spotlight
        actions={[...actions, ...people]}
        query={query}
        onQueryChange={setQuery}
        filter={(_, all) => all}
        shortcut={['mod + K', '/']}
        onSpotlightOpen={() => setUsed(true)}
        nothingFound={words.nav.nothing}
        limit={12}
        searchProps={{ placeholder: words.nav.palette, 'aria-label': words.nav.palette, leftSection: <IconSearch size={18} aria-hidden /> }}
      />
      <Modal opened={help} onClose={() => setHelp(false)} title={words.nav.keys} closeButtonProps={{ 'aria-label': words.common.close }}>
        <Table>
          <Table.Tbody>
            {[['Ctrl K', words.nav.keysPalette], ['?', words.nav.keysHelp], ['Esc', words.nav.keysClose]].map(([key, what]) => (
              <Table.Tr key={key}>
                <Table.Td>
                  <Kbd>{key}</Kbd>
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}

/** Opens the palette by a press. */
export const openPalette = spotlight.open;
