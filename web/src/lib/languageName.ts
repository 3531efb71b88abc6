/** What a language is called, in the language that is spoken; its tag where that is not known. */
export function languageName(tag: string, spoken: string): string {
  try {
    return new Intl.DisplayNames(spoken, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
