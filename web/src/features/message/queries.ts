import { queryOptions } from '@tanstack/react-query';
import { createMessage, getMessage, type Message, type MessageBody, updateMessage } from '@/api/generated';
import type { Refusal } from '@/api/problem';

/** A message with what stands for its state, for who changes it. */
export interface Read {
  message: Message;
  etag: string;
}

const read = ({ data, response }: { data: Message; response: Response }): Read => ({ message: data, etag: response.headers.get('ETag') ?? '' });

/** One message. It is not read anew under the hands of who writes it. */
export const messageOptions = (id: number) =>
  queryOptions({
    queryKey: ['getMessage', id],
    queryFn: async ({ signal }) => read(await getMessage({ path: { id }, signal, throwOnError: true })),
    refetchOnWindowFocus: false,
    staleTime: 0,
  });

/** What is saved: over nothing, or over the state that was read. A draft is what Telegram would not take yet. */
export interface Save {
  body: MessageBody;
  draft: boolean;
  over?: { id: number; etag: string };
  /** Begins a version of its own, in place of going on with the one of a moment ago. */
  newVersion?: boolean;
}

/** Saves a message. When somebody has saved another state meanwhile, that is a Refusal with the status 412. */
export async function save({ body, draft, over, newVersion }: Save): Promise<Read> {
  if (!over) return read(await createMessage({ body, query: { draft }, throwOnError: true }));
  return read(await updateMessage({ path: { id: over.id }, body, query: { draft, newVersion }, headers: { 'If-Match': over.etag }, throwOnError: true }));
}

/** Returns what somebody else has saved meanwhile, of the refusal of a save; undefined of another refusal. */
export function theirs(refusal: Refusal): Message | undefined {
  return refusal.status === 412 ? (refusal.problem?.current as Message | undefined) : undefined;
}
