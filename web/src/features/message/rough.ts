import type { MessageBody } from '@/api/generated';
import { liquid } from '@/lib/markup';
import type { Seen } from '@/ui/Bubble';
import { shownOf, valueOf } from './extensions';
import { versionOf } from './languages';

/** What is seen of a message that Telegram would not take yet: values stand as their fallback, or as their names. */
export function roughOf(body: MessageBody, tag: string): Seen {
  const { text = '', media, buttons, captionAbove } = { ...versionOf(body, ''), ...given(versionOf(body, tag)) };
  return {
    text: text.replace(liquid, (source) => (source.startsWith('{%') ? '' : valueOf(source)?.fallback || shownOf(source))),
    media: (media ?? []).map((m) => ({ kind: m.kind, src: m.id === undefined ? undefined : `/manage/v1/media/${m.id}/content` })),
    captionAbove: captionAbove === true,
    buttons: (buttons ?? []).map((row) => (row ?? []).map((b) => ({ text: b.text, url: b.url }))),
  };
}

const given = <T extends object>(part: T) => Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<T>;
