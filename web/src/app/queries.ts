import { QueryClient } from '@tanstack/react-query';
import { refusalOf } from '@/api/problem';

/** What was asked of the server. What it refuses is not asked again; what it could not answer is. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => {
        const { status } = refusalOf(error);
        return failures < 3 && (status === 0 || status === 503);
      },
    },
  },
});
