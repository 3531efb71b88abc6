import type { ListContactsData, MatchingBody } from '@/api/generated';
import { dayIn } from '@/lib/zone';
import { type Attribute, attributes } from '@/ui/attributes';

type Query = NonNullable<ListContactsData['query']>;

/** Where a chat may stand. */
export const chats = ['active', 'muted', 'inactive', 'none'] as const;

/** How a custom field may be compared. Numbers and dates alone can be at least or at most something. */
export const comparisons = ['equals', 'atLeast', 'atMost', 'set', 'unset'] as const;

/** Which contacts are listed, as the address has it. */
export interface Filter {
  search?: string;
  chat?: (typeof chats)[number];
  groupId?: number[];
  botId?: number;
  language?: string[];
  lacks?: Attribute[];
  fieldId?: number;
  fieldOp?: (typeof comparisons)[number];
  fieldValue?: string;
  /** Days, as 2026-03-01: from the first to the last one, with both. */
  from?: string;
  to?: string;
}

const among = <T extends string>(all: readonly T[], value: unknown) => all.find((one) => one === value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === '' ? [] : [value]);
const some = <T>(all: T[]) => (all.length > 0 ? all : undefined);
const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '') || undefined;
const day = (value: unknown) => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? String(value) : undefined);

/** Reads an address. What it does not know is left out. */
export function readFilter(s: Record<string, unknown>): Filter {
  const fieldId = Number(s.fieldId) || undefined;
  return {
    search: text(s.search),
    chat: among(chats, s.chat),
    groupId: some(listOf(s.groupId).map(Number).filter(Boolean)),
    botId: Number(s.botId) || undefined,
    language: some(listOf(s.language).map(String)),
    lacks: some(listOf(s.lacks).flatMap((name) => among(attributes, name) ?? [])),
    fieldId,
    fieldOp: fieldId ? (among(comparisons, s.fieldOp) ?? 'equals') : undefined,
    fieldValue: fieldId ? text(s.fieldValue) : undefined,
    from: day(s.from),
    to: day(s.to),
  };
}

/** Reports whether anything but a search is asked. */
export function isFiltered(f: Filter): boolean {
  return Object.entries(f).some(([name, value]) => name !== 'search' && value !== undefined);
}

/** Reports whether a comparison has what it compares with. */
export function isWhole(f: Filter): boolean {
  return f.fieldId === undefined || f.fieldOp === 'set' || f.fieldOp === 'unset' || f.fieldValue !== undefined;
}

/** Returns what the server is asked for the list, with days of a zone. A comparison that is not whole yet is left out. */
export function queryOf(f: Filter, zone: string): Query {
  const field = isWhole(f) ? { fieldId: f.fieldId, fieldOp: f.fieldOp, fieldValue: f.fieldValue } : {};
  return {
    search: f.search, chat: f.chat, groupId: f.groupId, botId: f.botId, languageCode: f.language, lacks: f.lacks, ...field,
    createdFrom: dayIn(zone, f.from)?.toISOString(), createdTo: dayIn(zone, f.to, 1)?.toISOString(),
  };
}

/** Returns the same for what is done with all that match. */
export function matchingOf(f: Filter, zone: string): MatchingBody {
  const field = f.fieldId && isWhole(f) ? { id: f.fieldId, op: f.fieldOp ?? 'equals', value: f.fieldValue } : undefined;
  return {
    search: f.search, chat: f.chat, groupIds: f.groupId, botId: f.botId, languageCodes: f.language, lacks: f.lacks, field,
    createdFrom: dayIn(zone, f.from)?.toISOString(), createdTo: dayIn(zone, f.to, 1)?.toISOString(),
  };
}
