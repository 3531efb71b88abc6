/** Asks before what cannot be taken back. */
export const modals = { confirm: (question: string) => window.confirm(question) };
