import { Text } from '@mantine/core';
import { type Line, listAudit } from '@/api/generated';
import { useFormat } from '@/ui/format';
import { type Column, Listing } from '@/ui/Listing';
import { usePages } from '@/ui/pages';
import { useWords } from '@/words/words';

/** Who did what. */
export function Audit() {
  const words = useWords();
  const f = useFormat();
  const pages = usePages(['listAudit'], async (cursor, signal) => (await listAudit({ query: { cursor, limit: 100 }, signal, throwOnError: true })).data);
  const columns: Column<Line>[] = [
    { key: 'at', title: words.settings.at, cell: (l) => f.time(l.at) },
    { key: 'who', title: words.settings.who, cell: (l) => l.actor.name },
    { key: 'act', title: words.settings.act, cell: (l) => l.act },
    { key: 'result', title: words.settings.result, wide: true, cell: (l) => l.outcome },
  ];
  return <Listing label={words.settings.tabs.audit} columns={columns} {...pages} id={(l) => l.id} empty={<Text c="dimmed">{words.common.nothingFound}</Text>} />;
}
