import { Button, Center, Checkbox, Loader, Skeleton, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSelector } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useWords } from '@/words/words';
import { Fault } from './Fault';
import { useFormat } from './format';
import classes from './Listing.module.css';

/** A column of a listing. The first one is the link to what a row is about. */
export interface Column<T> {
  key: string;
  title: string;
  cell: (item: T) => ReactNode;
  /** Numbers stand right. */
  right?: boolean;
  /** Left out where the screen is narrow. */
  wide?: boolean;
  /** By what the server sorts when its title is pressed. */
  sort?: string;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  items: T[] | undefined;
  id: (item: T) => React.Key;
  error?: unknown;
  retry?: () => void;
  /** In place of rows where there are none. */
  empty: ReactNode;
  /** Whether more are there, and how to get them. */
  more?: boolean;
  loadMore?: () => void;
  loading?: boolean;
  /** How the list is sorted: the name of a column's sort, with a minus for the other way round. */
  sort?: string;
  onSort?: (sort: string) => void;
  total?: { count: number; about?: boolean };
  /** Rows may have several lines: each is measured. */
  tall?: boolean;
  /** Which rows are chosen, by their ids; without it none can be. */
  chosen?: ReadonlySet<React.Key>;
  onChoose?: (chosen: ReadonlySet<React.Key>) => void;
}

const height = 40;

/** A list of any length: only the rows in sight are in the page, and more come as one scrolls. */
export function Listing<T>({ label, columns, items, id, error, retry, empty, more, loadMore, loading, sort, onSort, total, tall, chosen, onChoose }: Props<T>) {
  const words = useWords();
  const f = useFormat();
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing is compiled here
  const rows = useVirtualizer({ count: items?.length ?? 0, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12 });
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loading && items && last >= items.length - 20) loadMore?.();
  }, [more, loading, items, last, loadMore]);
  if (error && !items) return <Fault error={error} retry={retry} />;
  // A page may be empty and still not the last one: the server looks through a bounded part at a time.
  if (!items || (items.length === 0 && more))
    return (
      <Stack gap={8} aria-busy aria-label={words.common.loading}>
        {Array.from({ length: 8 }, (_, i) => (
          <Skeleton key={i} height={height - 8} />
        ))}
      </Stack>
    );
  if (items.length === 0) return empty;
  const above = seen[0]?.start ?? 0;
  const below = rows.getTotalSize() - (seen.at(-1)?.end ?? 0);
  return (
    <>
      <div ref={box} className={classes.box} tabIndex={0} role="region" aria-label={label}>
        <Table stickyHeader highlightOnHover aria-rowcount={total && !total.about ? total.count + 1 : -1}>
          <Table.Thead>
            <Table.Tr>
              {chosen && onChoose && (
                <Table.Th w={40}>
                  <Checkbox
                    size="xs"
                    aria-label={words.common.chooseAll}
                    checked={chosen.size > 0 && chosen.size === items.length}
                    indeterminate={chosen.size > 0 && chosen.size < items.length}
                    onChange={(e) => onChoose(new Set(e.currentTarget.checked ? items.map(id) : []))}
                  />
                </Table.Th>
              )}
              {columns.map((c) => (
                <Table.Th key={c.key} className={cell(c)} aria-sort={ordered(c.sort, sort)}>
                  {c.sort && onSort ? <SortButton column={c.sort} title={c.title} sort={sort} onSort={onSort} /> : c.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {above > 0 && <Spacer height={above} />}
            {seen.map(({ index }) => {
              const item = items[index];
              return (
                item !== undefined && (
                  <Table.Tr key={id(item)} h={height} data-index={index} ref={tall ? rows.measureElement : undefined} aria-rowindex={index + 2}>
                    {chosen && onChoose && (
                      <Table.Td>
                        <Checkbox size="xs" aria-label={words.common.choose} checked={chosen.has(id(item))} onChange={(e) => onChoose(toggled(chosen, id(item), e.currentTarget.checked))} />
                      </Table.Td>
                    )}
                    {columns.map((c) => (
                      <Table.Td key={c.key} className={cell(c)}>
                        {c.cell(item)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                )
              );
            })}
            {below > 0 && <Spacer height={below} />}
          </Table.Tbody>
        </Table>
        {more && (
          <Center p="sm">
            {loading ? (
              <Loader size="sm" aria-label={words.common.loading} />
            ) : (
              <Button variant="subtle" size="xs" onClick={loadMore}>
                {words.common.more}
              </Button>
            )}
          </Center>
        )}
        {error !== undefined && error !== null && <Text c="red">{words.faults.unreachable}</Text>}
      </div>
      {total && (
        <Text size="xs" c="dimmed">
          {total.about ? words.common.totalAbout(f.number(total.count)) : words.common.total(f.number(total.count))}
        </Text>
      )}
    </>
  );
}

function toggled(chosen: ReadonlySet<React.Key>, key: React.Key, on: boolean) {
  const next = new Set(chosen);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}

function ordered(column: string | undefined, sort: string | undefined) {
  if (!column || !sort) return undefined;
  return sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : 'none';
}

function SortButton({ column, title, sort, onSort }: { column: string; title: string; sort?: string; onSort: (sort: string) => void }) {
  const Icon = sort === column ? IconChevronUp : sort === `-${column}` ? IconChevronDown : IconSelector;
  return (
    <UnstyledButton fz="inherit" fw="inherit" onClick={() => onSort(sort === column ? `-${column}` : column)}>
      {title} <Icon size={12} aria-hidden />
    </UnstyledButton>
  );
}

function Spacer({ height: h }: { height: number }) {
  return (
    <Table.Tr aria-hidden>
      <Table.Td h={h} p={0} />
    </Table.Tr>
  );
}

function cell(c: Column<never> | Column<unknown> | { right?: boolean; wide?: boolean }) {
  return [c.right ? classes.right : '', c.wide ? classes.wide : ''].join(' ').trim() || undefined;
}
