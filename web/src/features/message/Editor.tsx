import { Alert, Button, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { checkMessage, type Message, type MessageBody, type Version } from '@/api/generated';
import { createMessageMutation, updateMessageMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { useMay } from '@/ui/session';
import { useWords } from '@/words/words';
import { Buttons } from './Buttons';
import { bodyOf, forget, keep, kept } from './draft';
import { LanguageTabs } from './LanguageTabs';
import { changed, own, versionOf } from './languages';
import { MediaBox } from './MediaBox';
import { Preview } from './Preview';
import { SendTest } from './SendTest';
import { TextBox } from './TextBox';
import classes from './Editor.module.css';

/** Writes a message beside what its reader will see. It is checked and saved as one types. */
export function Editor({ message }: { message?: Message }) {
  const words = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay('write');
  const [restored] = useState(() => kept(message?.id));
  const [body, setBody] = useState<MessageBody>(() => restored?.body ?? bodyOf(message));
  const [saved, setSaved] = useState<{ body: MessageBody; at?: string }>(() => ({ body: bodyOf(message), at: message?.updatedAt }));
  const [tag, setTag] = useState(own);
  const [testing, setTesting] = useState(false);
  const [settled] = useDebouncedValue(body, 600);
  const check = useQuery({
    queryKey: ['checkMessage', settled],
    queryFn: async ({ signal }) => (await checkMessage({ body: settled, signal, throwOnError: true })).data,
    placeholderData: (before) => before,
    enabled: may,
  });
  const dirty = JSON.stringify(body) !== JSON.stringify(saved.body);
  const stored = async (m: Message, of: MessageBody) => {
    setSaved({ body: of, at: m.updatedAt });
    forget(message?.id);
    await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listMessages') });
    if (!message) await navigate({ to: '/messages/$id', params: { id: String(m.id) }, replace: true });
  };
  const create = useMutation({ ...createMessageMutation(), onSuccess: (m, v) => stored(m, v.body), onError: tellFault });
  const update = useMutation({ ...updateMessageMutation(), onSuccess: (m, v) => stored(m, v.body), onError: tellFault });
  const saving = create.isPending || update.isPending;
  const good = check.data?.faults.length === 0 && body.name.trim() !== '';
  const save = () => (message ? update.mutate({ path: { id: message.id }, body }) : create.mutate({ body }));
  const messageId = message?.id;
  useEffect(() => {
    if (dirty) keep(messageId, { body, of: saved.at ?? '' });
  }, [body, dirty, messageId, saved.at]);
  const { mutate } = update;
  useEffect(() => {
    // What is there already saves itself, as soon as Telegram would take it.
    if (messageId !== undefined && dirty && good && body === settled && may) mutate({ path: { id: messageId }, body });
  }, [messageId, dirty, good, body, settled, may, mutate]);
  const faults = check.data?.faults ?? [];
  const change = (part: Partial<MessageBody>) => setBody((b) => ({ ...b, ...part }));
  const version = versionOf(body, tag);
  const write = (part: Version) => setBody((b) => changed(b, tag, part));
  return (
    <>
      <PageHeader
        title={body.name || words.messages.untitled}
        state={
          <Text size="sm" c="dimmed" role="status">
            {saving ? words.common.saving : dirty ? words.common.unsaved : saved.at ? words.common.saved(f.clock(saved.at)) : ''}
          </Text>
        }
      >
        {!message && may && (
          <Button onClick={save} loading={saving} disabled={!good}>
            {words.common.save}
          </Button>
        )}
        {message && !dirty && may && (
          <Button variant="default" onClick={() => setTesting(true)}>
            {words.messages.sendTest}
          </Button>
        )}
        {message && !dirty && may && (
          <Button component={Link} to={`/campaigns/new?messageId=${message.id}`}>
            {words.messages.send}
          </Button>
        )}
      </PageHeader>
      {message && <SendTest messageId={message.id} opened={testing} close={() => setTesting(false)} />}
      <div className={classes.halves}>
        <Stack>
          {restored && dirty && (
            <Alert color="yellow">
              <Group justify="space-between">
                <Text size="sm">{words.messages.restored}</Text>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    forget(message?.id);
                    setBody(saved.body);
                  }}
                >
                  {words.messages.discard}
                </Button>
              </Group>
            </Alert>
          )}
          <TextInput label={words.messages.name} description={words.messages.nameHint} value={body.name} maxLength={200} required readOnly={!may} onChange={(e) => change({ name: e.currentTarget.value })} />
          <LanguageTabs body={body} tag={tag} readOnly={!may} choose={setTag} onChange={setBody} />
          <MediaBox media={version.media ?? []} readOnly={!may} onChange={(media) => write({ media: media.length > 0 ? media : undefined })} />
          <TextBox key={tag} value={version.text ?? ''} caption={(version.media?.length ?? 0) > 0} readOnly={!may} onChange={(text) => write({ text })} />
          {(version.media?.length ?? 0) < 2 && (
            <Buttons rows={(version.buttons ?? []).map((r) => r ?? [])} readOnly={!may} onChange={(buttons) => write({ buttons: buttons.length > 0 ? buttons : undefined })} />
          )}
          {faults.length > 0 && (body.text || body.media) && (
            <Alert color="red" title={words.messages.faults} role="status">
              <List size="sm">
                {faults.map((fault) => (
                  <List.Item key={fault.code + fault.field}>
                    {fault.field && `${fault.field}: `}
                    {fault.message}
                  </List.Item>
                ))}
              </List>
            </Alert>
          )}
        </Stack>
        <Preview content={settled} language={tag} good={check.data?.faults.length === 0} />
      </div>
    </>
  );
}
