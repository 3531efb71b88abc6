import { Button, Table, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { listWebhookAttemptsOptions, replayWebhookMutation } from '@/api/generated/@tanstack/react-query.gen';
import { useFormat } from '@/ui/format';
import { tell, tellFault } from '@/ui/notice';
import { sayProblem } from '@/words/problem';
import { useWords, type Words } from '@/words/words';

/** What was posted to a webhook, and how to have it posted once more. */
export function WebhookLog({ id }: { id: number }) {
  const words = useWords();
  const f = useFormat();
  const attempts = useQuery({ ...listWebhookAttemptsOptions({ path: { id }, query: { limit: 20 } }), refetchInterval: 5000 });
  const replay = useMutation({ ...replayWebhookMutation(), onSuccess: () => tell(words.settings.replayed), onError: tellFault });
  if (attempts.data?.items.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {words.settings.nothingYet}
      </Text>
    );
  return (
    <Table>
      <Table.Tbody>
        {attempts.data?.items.map((a) => (
          <Table.Tr key={a.id}>
            <Table.Td>{f.time(a.at)}</Table.Td>
            <Table.Td>{words.settings.activities(a.activities)}</Table.Td>
            <Table.Td>{a.ok ? (a.status ?? '') : sayPost(words, a.error ?? '')}</Table.Td>
            <Table.Td ta="right">
              {a.ok && (
                <Button size="compact-xs" variant="subtle" onClick={() => replay.mutate({ path: { id }, body: { attempt: a.id } })}>
                  {words.settings.replay}
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Says why a post was not taken, as a sentence. */
export function sayPost(words: Words, error: string): string {
  const said = sayProblem(words, { code: 'webhook_unreachable', message: error });
  return /[.?!…]$/.test(said) ? said : `${said}.`;
}
