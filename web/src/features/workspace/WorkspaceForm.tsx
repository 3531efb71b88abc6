import { Button, Group, Skeleton, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Workspace } from '@/api/generated';
import { getWorkspaceOptions, updateWorkspaceMutation } from '@/api/generated/@tanstack/react-query.gen';
import { refusalOf } from '@/api/problem';
import { Fault } from '@/ui/Fault';
import { tell, tellFault } from '@/ui/notice';
import { useSaid } from '@/ui/said';
import { useWords } from '@/words/words';

const parameters = ['source', 'medium', 'campaign', 'content', 'term'] as const;

export function WorkspaceForm() {
  const workspace = useQuery(getWorkspaceOptions());
  if (workspace.error) return <Fault error={workspace.error} retry={() => void workspace.refetch()} />;
  if (!workspace.data) return <Skeleton height={240} />;
  return <Form workspace={workspace.data} />;
}

function Form({ workspace }: { workspace: Workspace }) {
  const words = useWords();
  const said = useSaid();
  const form = useForm({
    initialValues: { phoneRegion: workspace.phoneRegion, ...(Object.fromEntries(parameters.map((p) => [p, workspace.utm[p] ?? ''])) as Record<(typeof parameters)[number], string>) },
  });
  const save = useMutation({
    ...updateWorkspaceMutation(),
    onSuccess: () => {
      form.resetDirty();
      tell(words.common.saved);
    },
    onError: (error) => {
      const { field } = refusalOf(error);
      if (field === 'phoneRegion') form.setFieldError(field, said(error));
      else tellFault(error);
    },
  });
  const v = form.values;
  const query = parameters.filter((p) => v[p]).map((p) => `utm_${p}=${v[p]}`);
  return (
    <form onSubmit={form.onSubmit(({ phoneRegion, ...utm }) => save.mutate({ body: { phoneRegion, utm } }))}>
      <Stack maw={560}>
        <TextInput label={words.settings.region} maxLength={2} {...form.getInputProps('phoneRegion')} />
        {parameters.map((p) => (
          <TextInput key={p} label={`utm_${p}`} maxLength={200} {...form.getInputProps(p)} />
        ))}
        <TextInput label={words.settings.finished} value={`https://shop.example/${query.length > 0 ? '?' : ''}${query.join('&')}`} readOnly />
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {words.common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
