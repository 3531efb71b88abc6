import { Table, Text, VisuallyHidden } from '@mantine/core';
import classes from './Bars.module.css';

/** One bar: when, in words, and how many, as it is written. */
export interface Bar {
  key: string;
  label: string;
  value: number;
  shown: string;
}

/** How something went over time, with a table of the same for who listens. */
export function Bars({ title, bars, clicked }: { title: string; bars: Bar[]; clicked?: boolean }) {
  const highest = Math.max(1, ...bars.map((b) => b.value));
  const first = bars[0];
  const last = bars.at(-1);
  if (!first || !last) return null;
  return (
    <div>
      <svg className={classes.chart} viewBox={`0 0 ${bars.length * 10} 60`} preserveAspectRatio="none" role="img" aria-label={title}>
        {bars.map((b, i) => {
          const height = b.value > 0 ? Math.max(1.5, (b.value / highest) * 56) : 0.5;
          return (
            <rect key={b.key} x={i * 10 + 1} y={60 - height} width={8} height={height} className={b.value === 0 ? classes.none : clicked ? classes.clicked : classes.bar}>
              <title>{`${b.label}: ${b.shown}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={classes.axis}>
        <Text size="xs" c="dimmed">
          {first.label}
        </Text>
        <Text size="xs" c="dimmed">
          {last.label}
        </Text>
      </div>
      <VisuallyHidden>
        <Table>
          <caption>{title}</caption>
          <Table.Tbody>
            {bars.map((b) => (
              <Table.Tr key={b.key}>
                <Table.Th scope="row">{b.label}</Table.Th>
                <Table.Td>{b.shown}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </div>
  );
}
