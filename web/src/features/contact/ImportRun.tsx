import { Alert, Anchor, Button, Group, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Import } from '@/api/generated';
import { getImportOptions, listImportFailuresOptions, undoImportMutation } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { tellFault } from '@/ui/notice';
import { Status } from '@/ui/Status';
import { sayProblem } from '@/words/problem';
import { useWords } from '@/words/words';

const isOver = (i: Import) => (i.state === 'finished' || i.state === 'failed') && i.undo?.state !== 'running';

/** What an import does, or a trial of it, and what became of its rows. */
export function ImportRun({ id }: { id: string }) {
  const words = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const run = useQuery({ ...getImportOptions({ path: { id } }), refetchInterval: (q) => (q.state.data && isOver(q.state.data) ? false : 700) });
  const over = run.data ? isOver(run.data) : false;
  useEffect(() => {
    if (over) void queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listContacts', 'listGroups', 'listBots') });
  }, [over, queries]);
  const undo = useMutation({ ...undoImportMutation(), onSuccess: () => run.refetch(), onError: tellFault });
  if (run.error) return <Fault error={run.error} retry={() => void run.refetch()} />;
  if (!run.data) return null;
  const i = run.data;
  const sum = [f.number(i.created), f.number(i.updated), f.number(i.failed)] as const;
  return (
    <section aria-live="polite">
      <Stack gap="sm" maw={720}>
        <Group gap="sm">
          <Title order={2}>{i.dryRun ? words.contacts.trial : words.contacts.import}</Title>
          <Status of={i.state === 'importing' || i.state === 'started' ? 'sending' : i.state}>{words.contacts.importState[i.state]}</Status>
        </Group>
        {!over && <Progress value={i.progress.percent ?? 100} animated={i.progress.percent === undefined} aria-label={words.contacts.import} />}
        <Text>{i.dryRun ? words.contacts.wouldBe(...sum) : words.contacts.importSum(...sum)}</Text>
        {i.unknownColumns.length > 0 && (
          <Text size="sm" c="dimmed">
            {words.contacts.leftOutColumns(i.unknownColumns.join(', '))}
          </Text>
        )}
        {i.why && <Alert color="red">{sayProblem(words, { code: i.why.startsWith('the file cannot be read') ? 'file_invalid' : '', message: i.why })}</Alert>}
        {i.undo && <Undone run={i} />}
        {over && !i.dryRun && (
          <Group>
            <Anchor component={Link} to="/contacts">
              {words.contacts.title}
            </Anchor>
            {!i.undo && i.state === 'finished' && (
              <Button size="xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate({ path: { id } })}>
                {words.contacts.takeBack}
              </Button>
            )}
          </Group>
        )}
        {i.failed > 0 && <Refused id={id} />}
      </Stack>
    </section>
  );
}

function Undone({ run }: { run: Import }) {
  const words = useWords();
  const f = useFormat();
  if (!run.undo) return null;
  const { removed, stayed } = run.undo;
  const kept = stayed.changed + stayed.chat + stayed.event + stayed.group;
  return <Alert color="gray">{words.contacts.undone(f.number(removed), f.number(kept))}</Alert>;
}

function Refused({ id }: { id: string }) {
  const words = useWords();
  const failures = useQuery(listImportFailuresOptions({ path: { id }, query: { limit: 50 } }));
  if (!failures.data || failures.data.items.length === 0) return null;
  return (
    <>
      <Group justify="space-between">
        <Title order={2}>{words.contacts.refused}</Title>
        <Anchor href={`/manage/v1/imports/${id}/failures.csv`} download size="sm">
          {words.contacts.refusedFile}
        </Anchor>
      </Group>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.contacts.row}</Table.Th>
            <Table.Th>{words.contacts.why}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {failures.data.items.map((r) => (
            <Table.Tr key={`${r.index}/${r.code}`}>
              <Table.Td>
                {r.row ?? r.index + 1}
                {r.value && ` (${r.value})`}
              </Table.Td>
              <Table.Td>{sayProblem(words, { code: r.code, message: r.error })}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
