import { type InfiniteData, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

interface Page<T> {
  items: T[];
  nextCursor?: string;
  total?: { count: number; about?: boolean };
}

/** A list of the server's, page by page. The last one stands while the next is on its way. */
export function usePages<T>(key: unknown[], load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>, options?: { enabled?: boolean }) {
  const query = useInfiniteQuery<Page<T>, Error, InfiniteData<Page<T>>, unknown[], string | undefined>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    ...options,
  });
  const items = useMemo(() => query.data?.pages.flatMap((p) => p.items), [query.data]);
  return {
    items,
    total: query.data?.pages[0]?.total,
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage,
    loadMore: () => void query.fetchNextPage(),
    loading: query.isFetchingNextPage,
  };
}
