import { Alert, Button, Group, List, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { MessageBody, Version } from '@/api/generated';
import { deleteMessageMutation, duplicateMessageMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { PageHeader } from '@/ui/PageHeader';
import { Present } from '@/ui/Present';
import { useMay } from '@/ui/session';
import { places } from '@/words/en/places';
import { placeOf } from '@/words/place';
import { sayProblem } from '@/words/problem';
import { useWords } from '@/words/words';
import { Buttons } from './Buttons';
import { Conflict } from './Conflict';
import { LanguageTabs } from './LanguageTabs';
import { changed, own, versionOf } from './languages';
import { MediaBox } from './MediaBox';
import { Options } from './Options';
import { Preview } from './Preview';
import type { Read } from './queries';
import { Samples } from './Samples';
import { SendTest } from './SendTest';
import { TextBox } from './TextBox';
import { useDraft } from './useDraft';
import { Versions } from './Versions';
import classes from './Editor.module.css';

/** Writes a message beside what its reader will see. It is checked and saved as one types. */
export function Editor({ opened }: { opened?: Read }) {
  const words = useWords();
  const f = useFormat();
  const may = useMay('write');
  const draft = useDraft(opened, may);
  const { body, setBody } = draft;
  const [tag, setTag] = useState(own);
  const [shown, setShown] = useState<'test' | 'versions'>();
  /** Grows when the text is set from elsewhere, so that the editor begins with it. */
  const [turn, setTurn] = useState(0);
  const anew = (act: () => unknown) => {
    void Promise.resolve(act()).then(() => setTurn((n) => n + 1));
  };
  const id = opened?.message.id;
  const version = versionOf(body, tag);
  const write = (part: Version) => setBody((b) => changed(b, tag, part));
  const state = draft.isSaving ? words.common.saving : draft.dirty ? words.common.unsaved : draft.savedAt ? words.common.savedAt(f.clock(draft.savedAt)) : '';
  return (
    <>
      <PageHeader
        title={body.name || words.messages.untitled}
        state={
          <Group gap="md">
            <Text size="sm" c="dimmed" role="status">
              {state}
            </Text>
            {id !== undefined && may && <Present type="message" id={id} />}
          </Group>
        }
      >
        {id === undefined && may && (
          <Button onClick={draft.create} loading={draft.isSaving} disabled={!draft.named}>
            {words.common.save}
          </Button>
        )}
        {id !== undefined && may && <Actions id={id} ready={draft.good && !draft.dirty} show={setShown} />}
      </PageHeader>
      {id !== undefined && <SendTest messageId={id} opened={shown === 'test'} close={() => setShown(undefined)} />}
      {id !== undefined && <Versions id={id} opened={shown === 'versions'} close={() => setShown(undefined)} restore={(v) => anew(() => draft.restore(v))} />}
      {draft.conflict && <Conflict mine={body} theirs={draft.conflict} decide={(mine) => anew(() => draft.decide(mine))} />}
      <div className={classes.halves}>
        <Stack>
          {draft.restored && (
            <Alert color="yellow">
              <Group justify="space-between">
                <Text size="sm">{words.messages.restored}</Text>
                <Button size="xs" variant="default" onClick={() => anew(draft.discard)}>
                  {words.messages.discard}
                </Button>
              </Group>
            </Alert>
          )}
          {id === undefined && may && !body.text && !body.media && <Samples onPick={(sample) => anew(() => setBody(sample))} />}
          <TextInput label={words.messages.name} description={words.messages.nameHint} value={body.name} maxLength={200} required readOnly={!may} onChange={(e) => setBody({ ...body, name: e.currentTarget.value })} />
          <LanguageTabs body={body} tag={tag} readOnly={!may} choose={setTag} onChange={setBody} />
          <MediaBox media={version.media ?? []} readOnly={!may} onChange={(media) => write({ media: media.length > 0 ? media : undefined })} />
          <TextBox key={`${tag}/${turn}`} value={version.text ?? ''} links={draft.links} caption={(version.media?.length ?? 0) > 0} readOnly={!may} onChange={(text) => write({ text })} />
          {(version.media?.length ?? 0) < 2 && (
            <Buttons rows={(version.buttons ?? []).map((r) => r ?? [])} links={draft.links} readOnly={!may} onChange={(buttons) => write({ buttons: buttons.length > 0 ? buttons : undefined })} />
          )}
          <Options body={body} version={version} readOnly={!may} onChange={(part) => setBody({ ...body, ...part })} onVersion={write} />
          <Faults draft={draft} />
        </Stack>
        <Preview content={draft.settled} language={tag} good={draft.good} faulty={draft.faults.length > 0} />
      </div>
    </>
  );
}

/** All that Telegram would refuse, each with its place. */
function Faults({ draft }: { draft: { faults: { code: string; field?: string; message: string }[]; body: MessageBody } }) {
  const words = useWords();
  if (draft.faults.length === 0 || !(draft.body.text || draft.body.media)) return null;
  return (
    <Alert color="red" title={words.messages.faults} role="status">
      <List size="sm">
        {draft.faults.map((fault) => (
          <List.Item key={fault.code + fault.field}>
            {fault.field && `${placeOf(words.places ?? places, fault.field)}: `}
            {sayProblem(words, fault)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Actions({ id, ready, show }: { id: number; ready: boolean; show: (what: 'test' | 'versions') => void }) {
  const words = useWords();
  const navigate = useNavigate();
  const copy = useMutation({ ...duplicateMessageMutation(), onSuccess: (m) => navigate({ to: '/messages/$id', params: { id: String(m.id) } }), onError: tellFault });
  const remove = useMutation({ ...deleteMessageMutation(), onSuccess: () => navigate({ to: '/messages' }), onError: tellFault });
  return (
    <>
      <Button variant="default" disabled={!ready} onClick={() => show('test')}>
        {words.messages.sendTest}
      </Button>
      {ready && (
        <Button component={Link} to={`/campaigns/new?messageId=${id}`}>
          {words.messages.send}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label={words.common.actions}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => show('versions')}>{words.messages.versions}</Menu.Item>
          <Menu.Item onClick={() => copy.mutate({ path: { id }, body: {} })}>{words.campaigns.duplicate}</Menu.Item>
          <Menu.Item color="red" onClick={() => remove.mutate({ path: { id } })}>
            {words.common.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
