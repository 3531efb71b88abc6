import { Table } from '@mantine/core';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';

/** A share of two campaigns, from 0 to 1; undefined where one has none. */
export interface Figure {
  key: string;
  name: string;
  a?: number;
  b?: number;
}

/** Shares side by side, and in words by how much the first is more or less. */
export function Figures({ label, a, b, figures }: { label: string; a: React.ReactNode; b: React.ReactNode; figures: Figure[] }) {
  const words = useWords();
  const f = useFormat();
  const shown = (share: number | undefined) => (share === undefined ? '–' : f.share(share, 1));
  return (
    <Table aria-label={label} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.campaigns.shareOf}</Table.Th>
          <Table.Th ta="right">{a}</Table.Th>
          <Table.Th ta="right">{b}</Table.Th>
          <Table.Th ta="right">{words.campaigns.difference}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {figures.map((row) => (
          <Table.Tr key={row.key}>
            <Table.Th scope="row" fw={400}>
              {row.name}
            </Table.Th>
            <Table.Td ta="right">{shown(row.a)}</Table.Td>
            <Table.Td ta="right">{shown(row.b)}</Table.Td>
            <Table.Td ta="right">{row.a !== undefined && row.b !== undefined && difference(row.a, row.b)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );

  function difference(one: number, other: number): string {
    // As the shares are written: what reads the same is the same.
    const points = Math.round(one * 1000) / 10 - Math.round(other * 1000) / 10;
    if (Math.abs(points) < 0.05) return words.campaigns.same;
    return points > 0 ? words.campaigns.pointsMore(f.fraction(points)) : words.campaigns.pointsLess(f.fraction(-points));
  }
}
