import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en } from './en';
import type { Later } from './later';
import type { Problems } from './problem';

/**
 * Everything that the UI says. A language that lacks a word does not compile. What the first load does without, English lacks here: its screens
 * bring it (see words/later.ts). What the server refuses, the server says in English.
 */
export type Words = typeof en & Partial<Later> & { problems?: Problems };

export const languages = { en: 'English', uk: 'Українська', ru: 'Русский' } as const;
export type Language = keyof typeof languages;

const catalogues: Record<Language, () => Promise<Words>> = {
  en: () => Promise.resolve<Words>(en),
  uk: () => import('./uk').then((m) => m.uk),
  ru: () => import('./ru').then((m) => m.ru),
};

const kept = 'bellman.language';

/** The language that was chosen, or the first of the browser's that there is. */
export function preferred(): Language {
  const wanted = [localStorage.getItem(kept) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const short = tag.split('-')[0] ?? '';
    if (short in languages) return short as Language;
  }
  return 'en';
}

interface Spoken {
  words: Words;
  language: Language;
  choose: (l: Language) => void;
}

const Context = createContext<Spoken>({ words: en, language: 'en', choose: () => {} });

/** Has what is in it speak the language that was chosen. It shows nothing before the words are there. */
export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferred);
  const [spoken, setSpoken] = useState<{ words: Words; language: Language }>();
  useEffect(() => {
    let wanted = true;
    // Words that cannot be loaded are said in English: better than nothing at all.
    const loaded = catalogues[language]().catch(() => en);
    void loaded.then((words) => {
      if (!wanted) return;
      document.documentElement.lang = language;
      setSpoken({ words, language });
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  const value = useMemo(
    () =>
      spoken && {
        ...spoken,
        choose: (l: Language) => {
          localStorage.setItem(kept, l);
          setLanguage(l);
        },
      },
    [spoken],
  );
  return value && <Context value={value}>{children}</Context>;
}

/** The words of the language that is spoken. */
export const useWords = () => useContext(Context).words;

/** The language that is spoken, and how to choose another. */
export const useLanguage = () => useContext(Context);
