import { client } from './generated/client.gen';
import type { Problem } from './generated';
import { Refusal } from './problem';

type Listener = () => void;
const lost = new Set<Listener>();

/** Calls the listener when the session has ended; returns how to stop that. */
export function onSignedOut(listener: Listener): Listener {
  lost.add(listener);
  return () => lost.delete(listener);
}

/** Sets the generated client up, once: what the server refuses becomes a Refusal. */
export function setUp() {
  client.setConfig({ baseUrl: '/manage/v1', credentials: 'same-origin', throwOnError: true });
  client.interceptors.error.use((error, response) => {
    if (!response) return new Refusal(0, 'unreachable', error instanceof Error ? error.message : '');
    const problem = error as Partial<Problem>;
    if (response.status === 401) lost.forEach((listener) => listener());
    return new Refusal(response.status, problem.code ?? 'unknown', problem.detail ?? response.statusText, error as Problem);
  });
}
