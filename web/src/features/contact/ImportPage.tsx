import { Alert, Button, FileInput, Group, Select, Stack, TagsInput, Text } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { lookAtImport, uploadImport } from '@/api/generated';
import { listGroupsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Fault } from '@/ui/Fault';
import { PageHeader } from '@/ui/PageHeader';
import { useWords } from '@/words/words';
import { Columns } from './Columns';
import { ImportRun } from './ImportRun';
import { columnsOf, head, keys, type Means, type Way } from './mapping';

/** Brings contacts in from a file: it is looked at, tried, imported, and can be taken back. */
export function ImportPage() {
  const words = useWords();
  const navigate = useNavigate({ from: '/contacts/import' });
  const { id } = useSearch({ from: '/contacts/import' });
  const [file, setFile] = useState<File | null>(null);
  const [way, setWay] = useState<Way>('email_or_sms');
  const [means, setMeans] = useState<Means>({});
  const [groups, setGroups] = useState<string[]>([]);
  const known = useQuery(listGroupsOptions({ query: { limit: 200, sort: 'name' } }));
  const look = useMutation({
    mutationFn: async (chosen: File) => (await lookAtImport({ body: chosen.slice(0, head), throwOnError: true })).data,
    onSuccess: (l) => {
      setMeans(Object.fromEntries(l.columns.map((c) => [c.name, c.means])));
      if (keys.includes(l.dedupeOn as Way)) setWay(l.dedupeOn as Way);
    },
  });
  const upload = useMutation({
    mutationFn: async (dryRun: boolean) => {
      if (!file || !look.data) throw new Error('no file');
      const query = { dedupeOn: way, dryRun, name: file.name, group: groups, column: columnsOf(look.data, means) };
      return (await uploadImport({ query, body: file, throwOnError: true })).data;
    },
    onSuccess: (i) => navigate({ search: { id: i.id } }),
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    look.reset();
    upload.reset();
    void navigate({ search: {}, replace: true });
    if (chosen) look.mutate(chosen);
  };
  return (
    <>
      <PageHeader title={words.contacts.importTitle} />
      <Stack gap="lg">
        <Stack maw={560}>
          <Text>{words.contacts.importLead}</Text>
          <FileInput
            label={words.contacts.file}
            placeholder={words.contacts.chooseFile}
            accept=".csv,.txt,text/csv"
            leftSection={<IconFileText size={16} aria-hidden />}
            value={file}
            onChange={choose}
            clearable
          />
          {look.error && <Fault error={look.error} />}
        </Stack>
        {look.data && file && (
          <>
            <Columns look={look.data} means={means} onChange={setMeans} />
            <Stack maw={560}>
              <Select label={words.contacts.recognise} data={keys.map((w) => ({ value: w, label: words.contacts.ids[w] }))} value={way} onChange={(w) => w && setWay(w as Way)} allowDeselect={false} />
              <TagsInput label={words.contacts.intoGroups} description={words.contacts.intoGroupsHint} data={known.data?.items.map((g) => g.name) ?? []} value={groups} onChange={setGroups} maxTags={10} />
              {upload.error && <Fault error={upload.error} />}
              <Group>
                <Button variant={id ? 'default' : 'filled'} loading={upload.isPending} onClick={() => upload.mutate(true)}>
                  {words.contacts.tryFirst}
                </Button>
                <Button variant={id ? 'filled' : 'default'} loading={upload.isPending} onClick={() => upload.mutate(false)}>
                  {words.contacts.importGo}
                </Button>
              </Group>
              <Text size="sm" c="dimmed">
                {words.contacts.tryHint}
              </Text>
            </Stack>
          </>
        )}
        {id && <ImportRun key={id} id={id} />}
        {!file && !id && <Alert color="gray" maw={560}>
            {words.contacts.importSafe}
          </Alert>}
      </Stack>
    </>
  );
}
