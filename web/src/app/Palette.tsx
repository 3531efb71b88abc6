import { Spotlight, type SpotlightActionData, spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { listCampaignsOptions, listContactsOptions, listMessagesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { called } from '@/ui/PersonPicker';
import { nameIn } from '@/ui/action';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { places } from './places';

/** Goes anywhere by a few letters. It opens each time that it is called. */
export function Palette({ calls }: { calls: number }) {
  const words = useWords();
  const navigate = useNavigate();
  const mayWrite = useMay('write');
  const [query, setQuery] = useState('');
  const [used, setUsed] = useState(false);
  useEffect(() => spotlight.open(), [calls]);
  const search = query.trim();
  const asked = { enabled: used && search !== '', placeholderData: keepPreviousData };
  const campaigns = useQuery({ ...listCampaignsOptions({ query: { limit: 5, search } }), ...asked });
  const messages = useQuery({ ...listMessagesOptions({ query: { limit: 5, search } }), ...asked });
  const contacts = useQuery({ ...listContactsOptions({ query: { limit: 5, search } }), ...asked });
  const go = (to: string) => () => void navigate({ to });
  const fits = (text: string) => text.toLowerCase().includes(search.toLowerCase());
  const actions: SpotlightActionData[] = [
    ...places.map((p) => ({ id: p.to, label: words.nav[p.word], onClick: go(p.to) })),
    ...(mayWrite
      ? [
          { id: 'new campaign', label: words.campaigns.new, onClick: go('/campaigns/new') },
          { id: 'new message', label: words.messages.new, onClick: go('/messages/new') },
        ]
      : []),
  ].filter((a) => fits(a.label));
  // What is found by a text is the server's to say: not all of it has the text in its name.
  const found: SpotlightActionData[] = search
    ? [
        ...(campaigns.data?.items ?? []).map((c) => ({ id: `c${c.id}`, label: nameIn(words, c), description: words.nav.campaigns, onClick: go(`/campaigns/${c.id}`) })),
        ...(messages.data?.items ?? []).map((m) => ({ id: `m${m.id}`, label: m.name, description: words.nav.messages, onClick: go(`/messages/${m.id}`) })),
        ...(contacts.data?.items ?? []).map((c) => ({ id: `p${c.id}`, label: called(c, words), description: words.nav.contacts, onClick: go(`/contacts/${c.id}`) })),
      ]
    : [];
  return (
    <Spotlight
      actions={[...actions, ...found]}
      query={query}
      onQueryChange={setQuery}
      filter={(_, all) => all}
      shortcut={null}
      onSpotlightOpen={() => setUsed(true)}
      nothingFound={words.nav.nothing}
      limit={24}
      searchProps={{ placeholder: words.nav.palette, 'aria-label': words.nav.palette, leftSection: <IconSearch size={18} aria-hidden /> }}
    />
  );
}
