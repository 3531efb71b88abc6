import { Alert, Button, Group, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Campaign } from '@/api/generated';
import {
  cancelCampaignMutation, deleteCampaignMutation, duplicateCampaignMutation, getCampaignOptions, pauseCampaignMutation, resendCampaignMutation, resumeCampaignMutation, unscheduleCampaignMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { nameIn } from '@/ui/action';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { pauseIn } from '@/ui/pause';
import { useMay } from '@/ui/session';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';
import { isChangeable } from './change';
import { ChangeDialog } from './ChangeDialog';
import { Changes } from './Changes';
import { Deliveries } from './Deliveries';
import { graceLeft } from './draft';
import { Divided } from './Divided';
import { DraftForm } from './DraftForm';
import { Launch } from './Launch';
import { Leaving } from './Leaving';
import { Links } from './Links';
import { fileOf } from './people';
import { Reader } from './Reader';
import { Scheduled } from './Scheduled';
import { Sum } from './Sum';
import { Why } from './Why';
import classes from './CampaignPage.module.css';

/** One campaign: before it goes out what it will do, afterwards what became of it. */
export function CampaignPage() {
  const { id } = useParams({ from: '/campaigns/$id' });
  const campaign = useQuery(getCampaignOptions({ path: { id: Number(id) } }));
  if (campaign.error && !campaign.data) return <Fault page error={campaign.error} retry={() => void campaign.refetch()} />;
  if (!campaign.data) return <Skeleton height={200} />;
  return <Shown campaign={campaign.data} />;
}

function Shown({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const mayWrite = useMay('write');
  const launched = Boolean(c.launchedAt);
  const leaves = graceLeft(c) > 0;
  return (
    <>
      <PageHeader title={nameIn(words, c)} state={<Status of={c.state}>{words.campaigns.states[c.state]}</Status>}>
        <Actions campaign={c} />
      </PageHeader>
      <div className={classes.beside}>
        <Stack gap="xl">
          {c.stateDetail && (
            <Alert color="yellow" title={words.campaigns.stateReason}>
              {pauseIn(words, c.stateReason ?? '', '')}
              <Text size="xs" c="dimmed">
                {c.stateDetail}
              </Text>
            </Alert>
          )}
          {c.progress.waitsUntil && c.state === 'sending' && <Alert color="yellow">{words.campaigns.paceWaits(f.clock(c.progress.waitsUntil))}</Alert>}
          {leaves && <Leaving key={c.scheduledAt} campaign={c} />}
          {c.state === 'scheduled' && c.scheduledAt && !leaves && <Scheduled campaign={c} at={c.scheduledAt} />}
          {c.state === 'draft' && mayWrite && <DraftForm id={c.id} />}
          {c.state === 'draft' && mayWrite && <Launch campaign={c} />}
          {launched && <Changes campaign={c} />}
          {launched && <Sum campaign={c} />}
          {launched && !c.forgottenAt && <Why campaign={c} />}
          {launched && !c.forgottenAt && c.action !== 'delete' && <Links campaignId={c.id} />}
          {launched && !c.forgottenAt && c.counts.recipients > 0 && <Divided campaignId={c.id} />}
          {launched && !c.forgottenAt && <Deliveries campaign={c} />}
        </Stack>
        <Reader campaign={c} />
      </div>
    </>
  );
}

/** What can be done with a campaign where it stands: the first thing as a button, the rest in a menu. */
function Actions({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const maySend = useMay('send');
  const mayWrite = useMay('write');
  const [change, setChange] = useState<'edit' | 'delete'>();
  const path = { id: c.id };
  const seen = {
    onSuccess: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getCampaign', 'listCampaigns', 'checkCampaign') }),
    onError: tellFault,
  };
  const open = (other: Campaign) => navigate({ to: '/campaigns/$id', params: { id: String(other.id) } });
  const pause = useMutation({ ...pauseCampaignMutation(), ...seen });
  const resume = useMutation({ ...resumeCampaignMutation(), ...seen });
  const cancel = useMutation({ ...cancelCampaignMutation(), ...seen });
  const unschedule = useMutation({ ...unscheduleCampaignMutation(), ...seen });
  const resend = useMutation({ ...resendCampaignMutation(), ...seen, onSuccess: open });
  const copy = useMutation({ ...duplicateCampaignMutation(), ...seen, onSuccess: open });
  const remove = useMutation({ ...deleteCampaignMutation(), ...seen, onSuccess: () => navigate({ to: '/campaigns' }) });
  const going = c.state === 'launching' || c.state === 'sending';
  const ended = c.state === 'finished' || c.state === 'cancelled';
  return (
    <Group gap="xs">
      {going && maySend && (
        <Button variant="default" loading={pause.isPending} onClick={() => pause.mutate({ path })}>
          {words.campaigns.pause}
        </Button>
      )}
      {c.state === 'paused' && maySend && (
        <Button loading={resume.isPending} onClick={() => resume.mutate({ path })}>
          {words.campaigns.resume}
        </Button>
      )}
      {c.state === 'scheduled' && graceLeft(c) === 0 && maySend && (
        <Button variant="default" loading={unschedule.isPending} onClick={() => unschedule.mutate({ path })}>
          {words.campaigns.unschedule}
        </Button>
      )}
      {(mayWrite || c.launchedAt) && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px="xs" aria-label={words.common.actions}>
              <IconDots size={16} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {c.launchedAt && c.action === 'send' && (
              <Menu.Item component={Link} to={`/campaigns/compare?a=${c.id}`}>
                {words.campaigns.compareWith}
              </Menu.Item>
            )}
            {c.launchedAt && !c.forgottenAt && (
              <Menu.Item component="a" href={fileOf(c.id, 'report.csv', f.zone)} download>
                {words.campaigns.csvReport}
              </Menu.Item>
            )}
            {mayWrite && c.kind === 'broadcast' && !c.resendOf && !c.changeOf && (
              <Menu.Item onClick={() => copy.mutate({ path, body: { name: words.campaigns.copyOf(c.name).slice(0, 200) } })}>{words.campaigns.duplicate}</Menu.Item>
            )}
            {mayWrite && ended && c.action === 'send' && c.counts.failed + c.counts.unknown > 0 && maySend && (
              <Menu.Item onClick={() => resend.mutate({ path, body: { statuses: ['failed', 'unknown'] } })}>{words.campaigns.resend}</Menu.Item>
            )}
            {mayWrite && isChangeable(c) && maySend && <Menu.Item onClick={() => setChange('edit')}>{words.campaigns.edit}…</Menu.Item>}
            {mayWrite && isChangeable(c) && maySend && (
              <Menu.Item color="red" onClick={() => setChange('delete')}>
                {words.campaigns.remove}…
              </Menu.Item>
            )}
            {mayWrite && (going || c.state === 'paused') && maySend && (
              <Menu.Item color="red" onClick={() => modals.openConfirmModal({ title: words.campaigns.cancel, children: words.campaigns.cancelSure, confirmProps: { color: 'red' }, onConfirm: () => cancel.mutate({ path }) })}>
                {words.campaigns.cancel}
              </Menu.Item>
            )}
            {mayWrite && c.state === 'draft' && (
              <Menu.Item color="red" onClick={() => remove.mutate({ path })}>
                {words.campaigns.delete}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {change && <ChangeDialog campaign={c} action={change} close={() => setChange(undefined)} />}
    </Group>
  );
}
