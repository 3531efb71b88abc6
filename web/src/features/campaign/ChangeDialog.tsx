import { Alert, Button, Modal, Select, Stack, Text, TextInput, useComputedColorScheme } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Campaign, previewMessage } from '@/api/generated';
import { deleteSentMutation, editSentMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { Bubble, seenOf } from '@/ui/Bubble';
import { useFormat } from '@/ui/format';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';
import { isTyped, typedFrom } from './draft';
import { messageChoices } from './Parts';

/** Edits or deletes in all chats what a campaign has sent: of how many people, and by what. */
export function ChangeDialog({ campaign: c, action, close }: { campaign: Campaign; action: 'edit' | 'delete'; close: () => void }) {
  const words = useWords();
  const f = useFormat();
  const said = useSaid();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const messages = useQuery({ ...messageChoices, enabled: action === 'edit' });
  const [messageId, setMessageId] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const done = {
    onSuccess: async (made: Campaign) => {
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getCampaign', 'listCampaigns') });
      await navigate({ to: '/campaigns/$id', params: { id: String(made.id) }, search: {} });
      close();
    },
  };
  const edit = useMutation({ ...editSentMutation(), ...done });
  const remove = useMutation({ ...deleteSentMutation(), ...done });
  const n = c.counts.sent;
  const large = n >= typedFrom;
  const ready = (action === 'delete' || messageId !== null) && (!large || isTyped(typed, n));
  const path = { id: c.id };
  const error = edit.error ?? remove.error;
  const go = () => (action === 'edit' ? edit.mutate({ path, body: { messageId: Number(messageId) } }) : remove.mutate({ path }));
  return (
    <Modal opened onClose={close} title={action === 'edit' ? words.campaigns.edit : words.campaigns.remove} closeButtonProps={{ 'aria-label': words.common.close }}>
      <Stack>
        <Text size="sm">{action === 'edit' ? words.campaigns.editLead : words.campaigns.removeLead}</Text>
        {action === 'edit' && (
          <Select
            label={words.campaigns.message}
            data={messages.data?.items.map((m) => ({ value: String(m.id), label: m.name })) ?? []}
            value={messageId}
            onChange={setMessageId}
            searchable
            allowDeselect={false}
          />
        )}
        {messageId !== null && <Shown messageId={Number(messageId)} />}
        {large && <TextInput label={words.campaigns.typeNumber(f.number(n))} value={typed} inputMode="numeric" onChange={(e) => setTyped(e.currentTarget.value)} />}
        {error && <Alert color="red">{said(error)}</Alert>}
        <Button color={action === 'delete' ? 'red' : undefined} disabled={!ready} loading={edit.isPending || remove.isPending} onClick={go}>
          {action === 'edit' ? words.campaigns.editNow(n) : words.campaigns.removeNow(n)}
        </Button>
      </Stack>
    </Modal>
  );
}

/** The message that takes the place of the other. */
function Shown({ messageId }: { messageId: number }) {
  const f = useFormat();
  const dark = useComputedColorScheme() === 'dark';
  const shown = useQuery({
    queryKey: ['previewMessage', messageId, null],
    queryFn: async ({ signal }) => (await previewMessage({ path: { id: messageId }, body: {}, signal, throwOnError: true })).data,
    retry: false,
  });
  return shown.data ? <Bubble seen={seenOf(shown.data.method, shown.data.parameters)} dark={dark} time={f.clock(new Date())} /> : null;
}
