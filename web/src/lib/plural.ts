/** The forms of a word beside a number; # stands for the number. Which are needed depends on the language (CLDR). */
export interface Forms {
  one: string;
  few?: string;
  many?: string;
  other: string;
}

/** Returns how a language writes numbers with words. */
export function plurals(language: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  const digits = new Intl.NumberFormat(language);
  return (n, forms) => {
    const rule = rules.select(n);
    const form = rule === 'one' || rule === 'few' || rule === 'many' ? forms[rule] : undefined;
    return (form ?? forms.other).replace('#', digits.format(n));
  };
}
