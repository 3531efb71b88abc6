import { Alert, Anchor, Button, FileInput, Select, Stack, Table, Text, Title } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { uploadImport } from '@/api/generated';
import { getImportOptions, listImportFailuresOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { Fault } from '@/ui/Fault';
import { useFormat } from '@/ui/format';
import { PageHeader } from '@/ui/PageHeader';
import { Status } from '@/ui/Status';
import { useWords } from '@/words/words';

const ways = ['externalCustomerId', 'email', 'sms', 'email_or_sms'] as const;
type Way = (typeof ways)[number];

/** Brings contacts in from a file, and tells what became of its rows. */
export function ImportPage() {
  const words = useWords();
  const navigate = useNavigate({ from: '/contacts/import' });
  const { id } = useSearch({ from: '/contacts/import' });
  const [file, setFile] = useState<File | null>(null);
  const [way, setWay] = useState<Way>('externalCustomerId');
  const upload = useMutation({
    mutationFn: async (chosen: File) => (await uploadImport({ query: { dedupeOn: way }, body: chosen, throwOnError: true })).data,
    onSuccess: (i) => navigate({ search: { id: i.id } }),
  });
  return (
    <>
      <PageHeader title={words.contacts.importTitle} />
      <Stack maw={560}>
        <Text>{words.contacts.importLead}</Text>
        <FileInput label={words.contacts.file} placeholder={words.contacts.chooseFile} accept=".csv,text/csv" leftSection={<IconFileText size={16} aria-hidden />} value={file} onChange={setFile} clearable />
        <Select label={words.contacts.recognise} data={ways.map((w) => ({ value: w, label: words.contacts.ids[w] }))} value={way} onChange={(w) => w && setWay(w as Way)} allowDeselect={false} />
        {upload.error && <Fault error={upload.error} />}
        <Button disabled={!file} loading={upload.isPending} onClick={() => file && upload.mutate(file)}>
          {words.contacts.importGo}
        </Button>
        {id && <Progress id={id} />}
      </Stack>
    </>
  );
}

function Progress({ id }: { id: string }) {
  const words = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const run = useQuery({ ...getImportOptions({ path: { id } }), refetchInterval: (q) => (q.state.data?.state === 'finished' || q.state.data?.state === 'failed' ? false : 1000) });
  const state = run.data?.state;
  useEffect(() => {
    if (state === 'finished') void queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listContacts', 'listGroups', 'listBots') });
  }, [state, queries]);
  const failures = useQuery({ ...listImportFailuresOptions({ path: { id }, query: { limit: 100 } }), enabled: (run.data?.failed ?? 0) > 0 });
  if (run.error) return <Fault error={run.error} retry={() => void run.refetch()} />;
  if (!run.data) return null;
  const i = run.data;
  return (
    <section aria-live="polite">
      <Stack gap="sm">
        <Status of={i.state === 'importing' || i.state === 'started' ? 'sending' : i.state}>{words.contacts.importState[i.state]}</Status>
        <Text>{words.contacts.importSum(f.number(i.created), f.number(i.updated), f.number(i.failed))}</Text>
        {i.why && <Alert color="red">{i.why}</Alert>}
        {state === 'finished' && (
          <Anchor component={Link} to="/contacts">
            {words.contacts.title}
          </Anchor>
        )}
        {failures.data && failures.data.items.length > 0 && (
          <>
            <Title order={2}>{words.contacts.refused}</Title>
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
                    <Table.Td>{r.error}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )}
      </Stack>
    </section>
  );
}
