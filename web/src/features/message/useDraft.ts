import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { checkMessage, getMessage, type Message, type MessageBody } from '@/api/generated';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { tellFault } from '@/ui/notice';
import { bodyOf, forget, keep, kept } from './draft';
import { type Read, save, theirs } from './queries';

/** A message while it is written: it is checked and saves itself, and nothing of it is lost. */
export function useDraft(opened: Read | undefined, may: boolean) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const id = opened?.message.id;
  const [restored] = useState(() => kept(id));
  const [body, setBody] = useState<MessageBody>(() => restored?.body ?? bodyOf(opened?.message));
  const [saved, setSaved] = useState(() => ({ body: bodyOf(opened?.message), at: opened?.message.updatedAt, etag: opened?.etag ?? '' }));
  const [conflict, setConflict] = useState<Message>();
  const [settled] = useDebouncedValue(body, 600);
  const check = useQuery({
    queryKey: ['checkMessage', settled],
    queryFn: async ({ signal }) => (await checkMessage({ body: settled, signal, throwOnError: true })).data,
    placeholderData: (before) => before,
    enabled: may,
  });
  const dirty = JSON.stringify(body) !== JSON.stringify(saved.body);
  const faults = check.data?.faults;
  // The faults of what was there before are shown until those of what is there now are known, and decide nothing.
  const judged = check.isPlaceholderData ? undefined : faults;
  const saving = useMutation({
    mutationFn: save,
    onSuccess: async ({ message, etag }, { body: of }) => {
      setSaved({ body: of, at: message.updatedAt, etag });
      forget(id);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listMessages', 'listMessageVersions') });
      if (id === undefined) await navigate({ to: '/messages/$id', params: { id: String(message.id) }, replace: true });
    },
    onError: (error) => {
      const other = theirs(refusalOf(error));
      if (other) setConflict(other);
      else tellFault(error);
    },
  });
  useEffect(() => {
    if (dirty) keep(id, { body, of: saved.at ?? '' });
  }, [body, dirty, id, saved.at]);
  const { mutate, isPending } = saving;
  const { etag } = saved;
  const named = body.name.trim() !== '';
  useEffect(() => {
    // What stands still for a moment is saved; what the server refused waits for the next change.
    if (id !== undefined && dirty && named && judged && body === settled && may && !isPending && !conflict) mutate({ body, draft: judged.length > 0, over: { id, etag } });
  }, [id, dirty, named, judged, body, settled, may, isPending, conflict, etag, mutate]);

  /** Ends a conflict: the other version counts, or is written over. */
  const decide = async (keepMine: boolean) => {
    if (id === undefined || !conflict) return;
    const { data, response } = await getMessage({ path: { id }, throwOnError: true });
    const now = { body: bodyOf(data), at: data.updatedAt, etag: response.headers.get('ETag') ?? '' };
    setSaved(now);
    setConflict(undefined);
    if (!keepMine) {
      forget(id);
      setBody(now.body);
    }
  };
  return {
    body,
    setBody,
    settled,
    faults: faults ?? [],
    links: check.data?.links ?? [],
    good: judged?.length === 0,
    dirty,
    named,
    isSaving: isPending,
    savedAt: saved.at,
    restored: restored !== undefined && dirty,
    conflict,
    decide,
    create: () => mutate({ body, draft: (faults?.length ?? 0) > 0 }),
    restore: (version: MessageBody) => id !== undefined && mutate({ body: version, draft: true, over: { id, etag }, newVersion: true }, { onSuccess: () => setBody(version) }),
    discard: () => {
      forget(id);
      setBody(saved.body);
    },
  };
}
