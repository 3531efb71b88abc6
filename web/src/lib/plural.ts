/** The forms that the words of a language take beside a number (CLDR). */
interface Categories {
  en: 'one' | 'other';
  uk: 'one' | 'few' | 'many' | 'other';
  ru: 'one' | 'few' | 'many' | 'other';
}

/** All forms of a text with a number in a language; # stands for the number, once. */
export type Forms<L extends keyof Categories> = Record<Categories[L], string>;

/** Returns how a language writes numbers with words. */
export function plurals<L extends keyof Categories>(language: L): (n: number, forms: Forms<L>) => string {
  const rules = new Intl.PluralRules(language);
  const digits = new Intl.NumberFormat(language);
  return (n, forms) => forms[rules.select(n) as Categories[L]].replace('#', digits.format(n));
}
