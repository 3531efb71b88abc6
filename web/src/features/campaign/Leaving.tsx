import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Campaign } from '@/api/generated';
import { unscheduleCampaignMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { tellFault } from '@/ui/notice';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { graceLeft } from './draft';

/** A campaign that leaves in some seconds, whether or not somebody looks, and how to take it back until then. */
export function Leaving({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const may = useMay('send');
  const queries = useQueryClient();
  // The server's clock counts: the seconds are those between its two times, from when they were first seen.
  const [left, setLeft] = useState(graceLeft(c));
  useEffect(() => {
    const timer = setInterval(() => setLeft((n) => Math.max(0, n - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  const takeBack = useMutation({
    ...unscheduleCampaignMutation(),
    onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getCampaign', 'listCampaigns', 'checkCampaign') }),
    onError: tellFault,
  });
  return (
    <Group>
      <Text role="timer">{words.campaigns.seconds(left)}</Text>
      {may && (
        <Button variant="default" loading={takeBack.isPending} onClick={() => takeBack.mutate({ path: { id: c.id } })}>
          {words.campaigns.takeBack}
        </Button>
      )}
    </Group>
  );
}
