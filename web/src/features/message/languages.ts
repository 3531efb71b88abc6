import type { MessageBody, Version } from '@/api/generated';

/** The message's own version is the one of no tag. */
export const own = '';

/** Returns what a language has of a message. */
export function versionOf(body: MessageBody, tag: string): Version {
  if (tag === own) return { text: body.text, buttons: body.buttons, media: body.media, captionAbove: body.captionAbove, preview: body.preview };
  return body.translations?.[tag] ?? {};
}

/** Returns the message with something changed in one of its languages. */
export function changed(body: MessageBody, tag: string, part: Version): MessageBody {
  if (tag === own) return { ...body, ...part };
  return { ...body, translations: { ...body.translations, [tag]: { ...body.translations?.[tag], ...part } } };
}

/** Returns the message with one language more: it begins with what the message's own has. */
export function added(body: MessageBody, tag: string): MessageBody {
  return changed(body, tag, { text: body.text, buttons: body.buttons });
}

/** Returns the message without one of its languages. */
export function removed(body: MessageBody, tag: string): MessageBody {
  const rest = Object.fromEntries(Object.entries(body.translations ?? {}).filter(([t]) => t !== tag));
  return { ...body, translations: Object.keys(rest).length > 0 ? rest : undefined };
}

/** The tags that are offered first. Any other one can be written. */
export const offered = ['uk', 'ru', 'en', 'pl', 'de', 'es', 'fr', 'it', 'pt', 'tr', 'kk', 'uz'];
