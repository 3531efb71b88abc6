import { Alert, Button, Group, Paper, SegmentedControl, Stack, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Campaign } from '@/api/generated';
import { checkCampaignOptions, launchCampaignMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { momentIn } from '@/lib/zone';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { grace, isTyped, typedFrom } from './draft';
import { Ready } from './Ready';

/** Whom it goes to, what speaks against it, when, and the button that says it all. */
export function Launch({ campaign }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const may = useMay('send');
  const queries = useQueryClient();
  const check = useQuery(checkCampaignOptions({ path: { id: campaign.id } }));
  const [when, setWhen] = useState<'now' | 'at'>('now');
  const [at, setAt] = useState('');
  const [typed, setTyped] = useState('');
  const launch = useMutation({
    ...launchCampaignMutation(),
    onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getCampaign', 'listCampaigns') }),
    onError: (error) => {
      tellFault(error);
      void check.refetch();
    },
  });
  const version = check.data?.version;
  const due = momentIn(f.zone, at);
  // What leaves now is the server's, too: it leaves when nobody looks any more.
  const go = () => launch.mutate({ path: { id: campaign.id }, body: when === 'now' ? { version, afterSeconds: grace } : { version, at: due?.toISOString() } });
  if (check.error) return <Fault error={check.error} retry={() => void check.refetch()} />;
  if (!check.data) return null;
  const n = check.data.reach.reached;
  const past = when === 'at' && due !== undefined && due < new Date();
  const large = n >= typedFrom;
  const refused = n === 0 ? words.campaigns.nobody : past ? words.campaigns.pastTime : check.data.approval?.needed && !check.data.approval.mayGive ? words.campaigns.approval : '';
  const ready = !refused && (when === 'now' || due !== undefined) && (!large || isTyped(typed, n));
  return (
    <Paper withBorder p="md" maw={640}>
      <Stack>
        <Title order={2}>{words.campaigns.ready}</Title>
        <Ready campaign={campaign} check={check.data} />
        <Group align="flex-end">
          <SegmentedControl
            aria-label={words.campaigns.when}
            value={when}
            onChange={(v) => setWhen(v as 'now' | 'at')}
            data={[{ value: 'now', label: words.campaigns.now }, { value: 'at', label: words.campaigns.at }]}
          />
          {when === 'at' && (
            <TextInput
              type="datetime-local"
              label={words.campaigns.atLabel}
              description={words.common.dateIn(f.zone)}
              value={at}
              onChange={(e) => setAt(e.currentTarget.value)}
            />
          )}
        </Group>
        {large && <TextInput label={words.campaigns.typeNumber(f.number(n))} value={typed} inputMode="numeric" onChange={(e) => setTyped(e.currentTarget.value)} />}
        {refused && <Alert color="yellow">{refused}</Alert>}
        {may && (
          <Button disabled={!ready} loading={launch.isPending} onClick={go}>
            {when === 'now' || !due ? words.campaigns.sendNow(n) : words.campaigns.sendAt(n, f.time(due))}
          </Button>
        )}
      </Stack>
    </Paper>
  );
}
