import { createContext, useContext } from 'react';
import type { Session } from '@/api/generated';

/** Who has signed in; what is shown is shown to nobody else. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** Who has signed in, and what they may do. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is for what is inside of SessionGate');
  return session;
}

/** Reports whether the person may do what takes the right (x-right of operations). */
export function useMay(right: string): boolean {
  return useSession().rights.includes(right);
}
