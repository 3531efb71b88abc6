import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { getMessageOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Fault } from '@/ui/Fault';
import { Editor } from './Editor';

/** One message with its editor; new for one that is not saved yet. */
export function MessagePage() {
  const { id } = useParams({ from: '/messages/$id' });
  const fresh = id === 'new';
  const message = useQuery({ ...getMessageOptions({ path: { id: Number(id) } }), enabled: !fresh, refetchOnWindowFocus: false });
  if (fresh) return <Editor key="new" />;
  if (message.error && !message.data) return <Fault error={message.error} retry={() => void message.refetch()} />;
  if (!message.data) return <Skeleton height={320} />;
  return <Editor key={id} message={message.data} />;
}
