import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Campaign, CampaignProgress } from '@/api/generated';
import { getCampaignQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';

const over: Campaign['state'][] = ['finished', 'cancelled'];

/** Keeps a campaign that goes out as it is: its counts move while one looks. */
export function useLive(campaign: Campaign | undefined) {
  const queries = useQueryClient();
  const id = campaign?.id;
  const watched = campaign !== undefined && campaign.launchedAt !== undefined && !over.includes(campaign.state);
  const scheduled = campaign?.state === 'scheduled';
  useEffect(() => {
    if (id === undefined || !(watched || scheduled)) return;
    const source = new EventSource(`/manage/v1/campaigns/${id}/progress`);
    source.addEventListener('progress', (event) => {
      const now = JSON.parse(String(event.data)) as CampaignProgress;
      queries.setQueryData<Campaign>(getCampaignQueryKey({ path: { id } }), (before) => before && { ...before, ...now });
      const ended = over.includes(now.state);
      if (ended) source.close();
      // What the event does not have: times, and the lists below.
      if (ended || scheduled) void queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getCampaign', 'listCampaigns', 'listLinks') });
    });
    return () => source.close();
  }, [id, watched, scheduled, queries]);
}
