import { EmojiPicker as Frimousse, type EmojiData } from 'frimousse';
import { type Language, useLanguage, useWords } from '@/words/words';
import classes from './EmojiPicker.module.css';

const known: Record<Language, () => Promise<{ default: EmojiData }>> = {
  en: () => import('virtual:emoji/en'),
  uk: () => import('virtual:emoji/uk'),
  ru: () => import('virtual:emoji/ru'),
};

const load = async (locale: string) => (await known[locale as Language]()).default;

/** All emoji by their groups, found by their words in the language that is spoken. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const words = useWords();
  const { language } = useLanguage();
  return (
    <Frimousse.Root className={classes.root} locale={language} resolveEmojiData={load} columns={8} onEmojiSelect={({ emoji }) => onPick(emoji)}>
      <Frimousse.Search className={classes.search} placeholder={words.common.search} aria-label={words.common.search} autoFocus />
      <Frimousse.Viewport className={classes.list}>
        <Frimousse.Loading className={classes.note}>{words.common.loading}</Frimousse.Loading>
        <Frimousse.Empty className={classes.note}>{words.common.nothingFound}</Frimousse.Empty>
        <Frimousse.List
          components={{
            CategoryHeader: ({ category, ...props }) => (
              <div {...props} className={classes.group}>
                {category.label}
              </div>
            ),
            Emoji: ({ emoji, ...props }) => (
              <button type="button" {...props} className={classes.emoji} data-active={emoji.isActive || undefined}>
                {emoji.emoji}
              </button>
            ),
          }}
        />
      </Frimousse.Viewport>
    </Frimousse.Root>
  );
}
