import { Affix, Button, Group, Menu, Paper, Switch, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type BulkAction, type Bulk as Changed, changeContacts, eraseContact, type MatchingBody } from '@/api/generated';
import { listGroupsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { isAbout } from '@/api/keys';
import { tell, tellFault } from '@/ui/notice';
import { useFormat } from '@/ui/format';
import { useMay } from '@/ui/session';
import { useConfirmed } from '@/ui/useConfirmed';
import { useWords } from '@/words/words';
import { SetField } from './SetField';

interface Props {
  ids: number[];
  /** What finds all that match, where more match than are loaded. */
  whole?: MatchingBody;
  total?: number;
  done: () => void;
}

/** How many contacts one call takes by their ids. */
const page = 500;

/** Does one thing with all of them: page by page, until nothing is left. */
async function change(ids: number[], whole: MatchingBody | undefined, action: BulkAction): Promise<number> {
  let changed = 0;
  if (whole) {
    let cursor: string | undefined;
    do {
      const { data }: { data: Changed } = await changeContacts({ body: { matching: whole, cursor, action }, throwOnError: true });
      changed += data.changed;
      cursor = data.nextCursor;
    } while (cursor);
    return changed;
  }
  for (let i = 0; i < ids.length; i += page) {
    const { data } = await changeContacts({ body: { contactIds: ids.slice(i, i + page), action }, throwOnError: true });
    changed += data.changed;
  }
  return changed;
}

/** What can be done with the contacts that are chosen, from the bottom of the screen. */
export function Bulk({ ids, whole, total, done }: Props) {
  const words = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const mayErase = useMay('erase');
  const { attempt, dialog } = useConfirmed();
  const [all, setAll] = useState(false);
  const groups = useQuery(listGroupsOptions({ query: { limit: 200, sort: 'name' } }));
  const act = useMutation({
    mutationFn: (action: BulkAction) => change(ids, all ? whole : undefined, action),
    onSuccess: async (n) => {
      tell(words.contacts.changed(n));
      done();
      await queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listContacts', 'listGroups', 'listMembers', 'getContact') });
    },
    onError: tellFault,
  });
  // Whoever stops in the middle has erased those before; the rest is still chosen.
  const erase = useMutation({
    mutationFn: async () => {
      for (const id of ids) await eraseContact({ path: { id }, throwOnError: true });
    },
    onSuccess: () => {
      tell(words.contacts.erased);
      done();
    },
    onSettled: () => queries.invalidateQueries({ predicate: (q) => isAbout(q, 'listContacts', 'listGroups', 'listMembers') }),
  });
  const count = all && total ? total : ids.length;
  const ask = (title: string, action: BulkAction) => modals.openConfirmModal({ title, children: words.contacts.sure(count), confirmProps: { color: 'red' }, onConfirm: () => act.mutate(action) });
  const askErase = () =>
    modals.openConfirmModal({
      title: words.contacts.erase,
      children: words.contacts.eraseMany(ids.length),
      labels: { confirm: words.contacts.erase, cancel: words.common.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => attempt(() => erase.mutateAsync()),
    });
  const inGroup = (title: string, of: (id: number) => BulkAction) => (
    <Menu>
      <Menu.Target>
        <Button size="xs" variant="default" disabled={act.isPending || groups.data?.items.length === 0}>
          {title}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.data?.items.map((g) => (
          <Menu.Item key={g.id} onClick={() => act.mutate(of(g.id))}>
            {g.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
  const month = () => new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString();
  return (
    <Affix position={{ bottom: 24, left: '50%' }}>
      {dialog}
      <Paper withBorder p="sm" role="region" aria-label={words.contacts.chosen(count)}>
        <Group gap="sm">
          <Text size="sm" fw={600}>
            {words.contacts.chosen(count)}
          </Text>
          {whole && <Switch size="xs" label={words.contacts.allMatching(total === undefined ? '' : f.number(total))} checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />}
          {inGroup(words.audiences.add, (id) => ({ addToGroup: id }))}
          {inGroup(words.contacts.fromGroup, (id) => ({ removeFromGroup: id }))}
          <SetField busy={act.isPending} set={(id, value) => act.mutate({ setField: { id, value } })} />
          <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate({ mute: { until: month() } })}>
            {words.contacts.mute}
          </Button>
          <Button size="xs" variant="default" color="red" disabled={act.isPending} onClick={() => ask(words.common.delete, { delete: true })}>
            {words.common.delete}
          </Button>
          {mayErase && !all && (
            <Button size="xs" variant="default" color="red" loading={erase.isPending} onClick={askErase}>
              {words.contacts.erase}
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={done}>
            {words.common.cancel}
          </Button>
        </Group>
      </Paper>
    </Affix>
  );
}
