import { Button, Group, NumberInput, Select, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { renameWorkspace, setApproval, updateWorkspace, type Workspace } from '@/api/generated';
import { getWorkspaceOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { refusalOf } from '@/api/problem';
import { allZones } from '@/lib/zone';
import { Fault } from '@/ui/Fault';
import { tell, tellFault } from '@/ui/notice';
import { useSaid } from '@/ui/said';
import { useMay, useSession } from '@/ui/session';
import { useConfirmed } from '@/ui/useConfirmed';
import { useLanguage, useWords } from '@/words/words';

/** What holds for everybody in a workspace. */
export function WorkspaceForm() {
  const workspace = useQuery(getWorkspaceOptions());
  const mayOwn = useMay('own');
  if (workspace.error) return <Fault error={workspace.error} retry={() => void workspace.refetch()} />;
  if (!workspace.data) return <Skeleton height={240} />;
  return (
    <Stack maw={560} gap="xl">
      <Place workspace={workspace.data} mayName={mayOwn} />
      <Links workspace={workspace.data} />
      <Keeping workspace={workspace.data} />
      {mayOwn && <Approval workspace={workspace.data} />}
    </Stack>
  );
}

/** Saves a part of the settings; a refusal stands beside the input that it is about. */
function useSaved<T extends Record<string, unknown>>(form: UseFormReturnType<T>, save: (values: T) => Promise<unknown>) {
  const words = useWords();
  const said = useSaid();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: save,
    onSuccess: async () => {
      form.resetDirty();
      tell(words.common.saved);
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'getWorkspace', 'getSession') });
    },
    onError: (error) => {
      const { code, field } = refusalOf(error);
      // The password is asked for, and then it goes on.
      if (code === 'confirm_first') return;
      const name = field.split('.').at(-1) ?? '';
      if (name in form.values) form.setFieldError(name, said(error));
      else tellFault(error);
    },
  });
}

function Part({ title, lead, form, children }: { title: string; lead?: string; form: { dirty: boolean; saving: boolean; submit: () => void }; children: ReactNode }) {
  const words = useWords();
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        form.submit();
      }}
    >
      <Stack gap="sm">
        <Title order={2}>{title}</Title>
        {lead && (
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        )}
        {children}
        <Group>
          <Button type="submit" loading={form.saving} disabled={!form.dirty}>
            {words.common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What it is called and where it is. */
function Place({ workspace, mayName }: { workspace: Workspace; mayName: boolean }) {
  const words = useWords();
  const { language } = useLanguage();
  const before = useSession().workspace?.name ?? '';
  const form = useForm({ initialValues: { name: before, timeZone: workspace.timeZone, phoneRegion: workspace.phoneRegion, identityMatch: workspace.identityMatch } });
  const save = useSaved(form, async ({ name, ...body }) => {
    if (name !== before) await renameWorkspace({ body: { name }, throwOnError: true });
    await updateWorkspace({ body, throwOnError: true });
  });
  const { phoneRegion, timeZone } = form.values;
  const zones = allZones();
  const country = /^[A-Za-z]{2}$/.test(phoneRegion) ? new Intl.DisplayNames(language, { type: 'region' }).of(phoneRegion.toUpperCase()) : undefined;
  return (
    <Part title={words.settings.tabs.workspace} form={{ dirty: form.isDirty(), saving: save.isPending, submit: form.onSubmit((values) => save.mutate(values)) }}>
      {mayName && <TextInput label={words.settings.workspaceName} maxLength={100} required {...form.getInputProps('name')} />}
      <Select
        label={words.settings.zone}
        description={words.settings.zoneHint}
        data={zones.includes(timeZone) || !timeZone ? zones : [timeZone, ...zones]}
        searchable
        clearable
        limit={50}
        {...form.getInputProps('timeZone')}
        value={timeZone || null}
        onChange={(zone) => form.setFieldValue('timeZone', zone ?? '')}
      />
      <TextInput label={words.settings.region} description={country ?? words.settings.regionHint} maxLength={2} {...form.getInputProps('phoneRegion')} />
      <Select label={words.settings.match} data={(['first', 'any'] as const).map((m) => ({ value: m, label: words.settings.matches[m] }))} allowDeselect={false} {...form.getInputProps('identityMatch')} />
    </Part>
  );
}

const parameters = ['source', 'medium', 'campaign', 'content', 'term'] as const;

/** What is added to links, and how one looks then. */
function Links({ workspace }: { workspace: Workspace }) {
  const words = useWords();
  const form = useForm({ initialValues: Object.fromEntries(parameters.map((p) => [p, workspace.utm[p] ?? ''])) as Record<(typeof parameters)[number], string> });
  const save = useSaved(form, (utm) => updateWorkspace({ body: { utm }, throwOnError: true }));
  const query = parameters.filter((p) => form.values[p]).map((p) => `utm_${p}=${form.values[p]}`);
  return (
    <Part title={words.settings.links} lead={words.settings.linksLead} form={{ dirty: form.isDirty(), saving: save.isPending, submit: form.onSubmit((values) => save.mutate(values)) }}>
      {parameters.map((p) => (
        <TextInput key={p} label={`utm_${p}`} maxLength={200} {...form.getInputProps(p)} />
      ))}
      <TextInput label={words.settings.finished} value={`https://shop.example/${query.length > 0 ? '?' : ''}${query.join('&')}`} readOnly />
    </Part>
  );
}

const kept = ['recipientsMonths', 'eventsMonths', 'auditMonths'] as const;

/** For how long what was sent is known. */
function Keeping({ workspace }: { workspace: Workspace }) {
  const words = useWords();
  const form = useForm({ initialValues: { ...workspace.keeping } });
  const save = useSaved(form, (keeping) => updateWorkspace({ body: { keeping }, throwOnError: true }));
  const labels = { recipientsMonths: words.settings.keepRecipients, eventsMonths: words.settings.keepEvents, auditMonths: words.settings.keepAudit };
  return (
    <Part title={words.settings.keeping} lead={words.settings.keepHint} form={{ dirty: form.isDirty(), saving: save.isPending, submit: form.onSubmit((values) => save.mutate(values)) }}>
      {kept.map((k) => (
        <NumberInput key={k} label={labels[k]} min={k === 'auditMonths' ? 6 : 1} max={120} allowDecimal={false} {...form.getInputProps(k)} />
      ))}
    </Part>
  );
}

/** From how many people on somebody else launches. */
function Approval({ workspace }: { workspace: Workspace }) {
  const words = useWords();
  const { attempt, dialog } = useConfirmed();
  const form = useForm<{ above: number | string }>({ initialValues: { above: workspace.approvalAbove ?? '' } });
  const save = useSaved(form, ({ above }) => setApproval({ body: { above: above === '' ? null : Number(above) }, throwOnError: true }));
  return (
    <>
      {dialog}
      <Part title={words.settings.safety} form={{ dirty: form.isDirty(), saving: save.isPending, submit: form.onSubmit((values) => attempt(() => save.mutateAsync(values))) }}>
        <NumberInput label={words.settings.approvalAbove} description={words.settings.approvalHint} min={1} allowDecimal={false} thousandSeparator=" " {...form.getInputProps('above')} />
      </Part>
    </>
  );
}
