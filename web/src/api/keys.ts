import type { Query } from '@tanstack/react-query';

/** Reports whether a query asks one of the operations, whatever its parameters. */
export function isAbout(query: Query, ...operations: string[]): boolean {
  const first = query.queryKey[0];
  const id = typeof first === 'string' ? first : (first as { _id?: string } | undefined)?._id;
  return id !== undefined && operations.includes(id);
}
