import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Campaign } from '@/api/generated';
import { listCampaignsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

/** What a campaign changes, or what has changed it, with the way there. */
export function Changes({ campaign: c }: { campaign: Campaign }) {
  if (!c.changeOf) return <By campaign={c} />;
  return (
    <Anchor component={Link} to={`/campaigns/${c.changeOf}`} size="sm">
      {c.name}
    </Anchor>
  );
}

function By({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const by = useQuery(listCampaignsOptions({ query: { of: c.id, action: ['edit', 'delete'], limit: 20 } }));
  return by.data?.items.map((change) => (
    <Text key={change.id} size="sm">
      {statusIn(words, change.action, 'sent')}
      {': '}
      <Anchor component={Link} to={`/campaigns/${change.id}`}>
        {f.time(change.createdAt)}
      </Anchor>
      {` (${f.number(change.counts.sent)} / ${f.number(change.counts.recipients)})`}
    </Text>
  ));
}
