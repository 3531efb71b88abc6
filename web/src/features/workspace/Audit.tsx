import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Line, listAudit } from '@/api/generated';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { usePages } from '@/ui/pages';
import { Status } from '@/ui/Status';
import { acts } from '@/words/en/acts';
import { audit } from '@/words/en/audit';
import type { Later } from '@/words/later';
import { meaningOf } from '@/words/problem';
import { useWords, type Words } from '@/words/words';
import { changesOf, nameOf, subjectOf } from './line';

type ToldWords = Words & Pick<Later, 'acts' | 'audit'>;

/** The words with those that are spoken here alone. */
function useToldWords(): ToldWords {
  const words = useWords();
  return useMemo(() => ({ acts, audit, ...words }), [words]);
}

/** Who did what to what, from where, and how that ended. */
export function Audit() {
  const words = useToldWords();
  const f = useFormat();
  const pages = usePages(['listAudit'], async (cursor, signal) => (await listAudit({ query: { cursor, limit: 100 }, signal, throwOnError: true })).data);
  const columns: Column<Line>[] = [
    { key: 'at', title: words.settings.at, cell: (l) => f.time(l.at) },
    { key: 'act', title: words.settings.act, cell: (l) => <Deed line={l} /> },
    { key: 'who', title: words.settings.who, wide: true, cell: (l) => actorOf(words, l) },
    { key: 'from', title: words.audit.from, wide: true, cell: (l) => l.address },
    { key: 'result', title: words.settings.result, wide: true, cell: (l) => <Outcome line={l} /> },
  ];
  return <Listing label={words.settings.tabs.audit} columns={columns} {...pages} id={(l) => l.id} tall empty={<Text c="dimmed">{words.common.nothingFound}</Text>} />;
}

/** What was done, to what, and what changed by it. Where the screen is narrow, also by whom, and how it ended when it was not done. */
function Deed({ line: l }: { line: Line }) {
  const words = useToldWords();
  const changes = useChanges(l);
  const isDone = l.outcome === 'done';
  // That there were many is what such a line says.
  const hasReason = !isDone && l.outcome !== 'begun' && l.act !== 'refusals';
  return (
    <Stack gap={2}>
      <Group gap={6}>
        <span>{wordOf(words.acts, l.act)}</span>
        <About line={l} />
      </Group>
      {changes !== '' && (
        <Text size="xs" c="dimmed">
          {changes}
        </Text>
      )}
      {hasReason && <Text size="xs">{meaningOf(words, l.outcome)}</Text>}
      <Group gap={6} hiddenFrom="sm">
        <Text size="xs" c="dimmed">
          {actorOf(words, l)}
        </Text>
        {!isDone && <Outcome line={l} />}
      </Group>
    </Stack>
  );
}

/** The thing that something was done to: a link where there is a screen for it. */
function About({ line: l }: { line: Line }) {
  const words = useToldWords();
  const subject = subjectOf(l);
  if (!subject) return nameOf(l);
  const { kind, id, to } = subject;
  const called = nameOf(l) || words.audit.numbered(wordOf(words.audit.subjects, kind), id);
  if (!to) return called;
  return (
    <Anchor component={Link} to={to} inherit>
      {called}
    </Anchor>
  );
}

function Outcome({ line: l }: { line: Line }) {
  const words = useToldWords();
  if (l.outcome === 'done') return <Status of="finished">{words.audit.done}</Status>;
  if (l.outcome === 'begun') return <Status of="sending">{words.audit.begun}</Status>;
  return <Status of="failed">{words.audit.refused}</Status>;
}

function actorOf(words: ToldWords, { actor }: Line): string {
  if (actor.kind === 'command') return words.audit.command(actor.name ?? '');
  if (actor.kind === 'key') return words.audit.numbered(words.audit.subjects.keys, actor.name ?? String(actor.id));
  return actor.name ?? words.audit.nobody;
}

/** What changed, in words. */
function useChanges(line: Line): string {
  const words = useToldWords();
  const f = useFormat();
  const { roles, scopes } = words.settings;
  const { states, statuses } = words.campaigns;
  const known: { [fact: string]: { [value: string]: string } } = { role: roles, scope: scopes, state: { ...states, active: words.bots.active }, statuses };
  const said = (fact: string, value: unknown): string => {
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return words.audit.nothing;
    if (typeof value === 'boolean') return value ? words.common.yes : words.common.no;
    if (Array.isArray(value)) return value.map((v) => said(fact, v)).join(', ');
    if (typeof value === 'number') return f.number(value);
    if (typeof value !== 'string') return words.common.yes;
    const named = known[fact];
    if (named) return wordOf(named, value);
    return /^\d{4}-\d\d-\d\dT/.test(value) ? f.time(value) : value;
  };
  return changesOf(line)
    .map(({ fact, before, after }) => {
      const what = wordOf(words.audit.facts, fact);
      return line.before && line.after ? words.audit.became(what, said(fact, before), said(fact, after)) : words.audit.was(what, said(fact, after ?? before));
    })
    .join('; ');
}

/** The word for a key that the server tells; one that has none, of a newer server, as it is. */
function wordOf(section: { [key: string]: string }, key: string): string {
  return Object.hasOwn(section, key) ? (section[key] ?? key) : key;
}
