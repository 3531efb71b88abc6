import type { Line } from '@/api/generated';

/** What a line of the audit log is about. */
export interface Subject {
  /** The kind of thing, as the API names it, such as campaigns. */
  kind: string;
  id: string;
  /** The screen that shows it; undefined where there is none, or where the thing is gone. */
  to?: string;
}

const screens: { [kind: string]: (id: string) => string } = {
  campaigns: (id) => `/campaigns/${id}`,
  messages: (id) => `/messages/${id}`,
  contacts: (id) => `/contacts/${id}`,
  groups: (id) => `/audiences/${id}`,
  imports: (id) => `/contacts/import?id=${id}`,
  fields: () => '/contacts/fields',
  bots: () => '/bots',
  webhooks: () => '/settings?tab=webhooks',
  keys: () => '/settings?tab=keys',
  users: () => '/settings?tab=people',
  invitations: () => '/settings?tab=people',
};

/** Acts after which there is nothing to look at. */
const ends = /^(delete|erase|remove|withdraw|revoke)-/;

/** Returns what a line is about; undefined where it names no single thing. */
export function subjectOf({ act, subject, outcome }: Pick<Line, 'act' | 'subject' | 'outcome'>): Subject | undefined {
  const [, kind = '', id = ''] = /^([a-z]+)\/([\w-]+)/.exec(subject ?? '') ?? [];
  if (!id) return undefined;
  const isGone = ends.test(act) && outcome === 'done';
  return { kind, id, to: isGone ? undefined : screens[kind]?.(id) };
}

/** A property that was changed; before is undefined where the line does not tell how it was. */
export interface Change {
  fact: string;
  before?: unknown;
  after?: unknown;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Returns what a line tells of the properties of its subject: of those that have both states, those that differ. */
export function changesOf({ before, after }: Pick<Line, 'before' | 'after'>): Change[] {
  const facts = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((fact) => fact !== 'name' || (before?.name !== undefined && after?.name !== undefined));
  return facts.map((fact) => ({ fact, before: before?.[fact], after: after?.[fact] })).filter((c) => !same(c.before, c.after));
}

/** Returns what the subject of a line is called; empty where the line does not tell. */
export function nameOf({ before, after }: Pick<Line, 'before' | 'after'>): string {
  const name = after?.name ?? before?.name;
  return typeof name === 'string' ? name : '';
}
