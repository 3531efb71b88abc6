import { Fragment, type ReactNode } from 'react';
import { type Piece, pieces } from '@/lib/telegramHtml';
import classes from './Bubble.module.css';

/** What the Bot API would be called with, as far as it is seen. */
export interface Seen {
  text: string;
  media: { kind: string; src?: string }[];
  captionAbove: boolean;
  buttons: { text: string; url?: string }[][];
}

/** On what a message is seen: Telegram looks a little different on each. */
export type Device = 'android' | 'ios';

/** A message as Telegram shows it. */
export function Bubble({ seen, dark, device = 'android', time }: { seen: Seen; dark: boolean; device?: Device; time: string }) {
  const text = seen.text && <div className={classes.text}>{elements(pieces(seen.text))}</div>;
  return (
    <div className={`${classes.chat} ${dark ? classes.dark : ''} ${device === 'ios' ? classes.ios : ''}`}>
      {(seen.text || seen.media.length > 0) && (
        <div className={classes.bubble}>
          {seen.captionAbove && text}
          {seen.media.map((m, i) => (
            <MediaOf key={i} media={m} />
          ))}
          {!seen.captionAbove && text}
          <span className={classes.time}>{time}</span>
        </div>
      )}
      {seen.buttons.map((row, i) => (
        <div key={i} className={classes.row}>
          {row.map((b, j) => (
            <span key={j} className={classes.button} title={b.url}>
              {b.text}
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}

function MediaOf({ media: { kind, src } }: { media: Seen['media'][number] }) {
  if (src && kind === 'photo') return <img className={classes.media} src={src} alt="" />;
  if (src && (kind === 'video' || kind === 'animation')) return <video className={classes.media} src={src} muted />;
  return <div className={classes.file}>{kind}</div>;
}

/** Where an uploaded file is seen, by how a preview names it; undefined for what lies elsewhere. */
function sourceOf(name: unknown): string | undefined {
  const id = /^media:(\d+)$/.exec(String(name))?.[1];
  return id && `/manage/v1/media/${id}/content`;
}

function elements(all: Piece[]): ReactNode {
  return all.map((p, i) => {
    if (typeof p === 'string') return <Fragment key={i}>{p}</Fragment>;
    const inside = elements(p.children);
    switch (p.tag) {
      case 'b':
        return <strong key={i}>{inside}</strong>;
      case 'i':
        return <em key={i}>{inside}</em>;
      case 'u':
        return <u key={i}>{inside}</u>;
      case 's':
        return <s key={i}>{inside}</s>;
      case 'code':
        return <code key={i}>{inside}</code>;
      case 'pre':
        return <pre key={i}>{inside}</pre>;
      case 'blockquote':
        return <blockquote key={i}>{inside}</blockquote>;
      case 'spoiler':
        return (
          <span key={i} className={classes.spoiler}>
            {inside}
          </span>
        );
      default:
        return (
          <span key={i} className={classes.link} title={p.href}>
            {inside}
          </span>
        );
    }
  });
}

interface Markup {
  inline_keyboard?: { text: string; url?: string }[][];
}

/** Reads what is seen from the parameters of a call of the Bot API. */
export function seenOf(method: string, parameters: unknown): Seen {
  const p = parameters as Record<string, unknown>;
  const markup = (typeof p.reply_markup === 'string' ? (JSON.parse(p.reply_markup) as Markup) : (p.reply_markup as Markup | undefined)) ?? {};
  const album = Array.isArray(p.media) ? (p.media as { type: string; media: string; caption?: string }[]) : [];
  const kind = /^send(Photo|Video|Animation|Document|Audio|Voice)$/.exec(method)?.[1]?.toLowerCase();
  const text = p.text ?? p.caption ?? album.find((m) => m.caption)?.caption ?? '';
  return {
    text: String(text),
    media: kind ? [{ kind, src: sourceOf(p[kind]) }] : album.map((m) => ({ kind: m.type, src: sourceOf(m.media) })),
    captionAbove: p.show_caption_above_media === true,
    buttons: markup.inline_keyboard ?? [],
  };
}
