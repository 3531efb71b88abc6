import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Fault } from '@/ui/Fault';
import { Editor } from './Editor';
import { messageOptions } from './queries';

/** One message with its editor; new for one that is not saved yet. */
export function MessagePage() {
  const { id } = useParams({ from: '/messages/$id' });
  const fresh = id === 'new';
  const message = useQuery({ ...messageOptions(Number(id)), enabled: !fresh });
  if (fresh) return <Editor key="new" />;
  if (message.error && !message.data) return <Fault page error={message.error} retry={() => void message.refetch()} />;
  if (!message.data) return <Skeleton height={320} />;
  return <Editor key={id} opened={message.data} />;
}
