/** What does not work, and what now. */
export const faults = {
  title: 'This did not work',
  unreachable: 'The server does not answer. Nothing was changed; try again in a moment.',
  offline: 'No connection. What is shown may be old; it goes on by itself.',
  quote: (id: string) => `Who asks for help quotes ${id}.`,
  declined: 'The browser did not go on. Try again when you are ready.',
  broken: 'This screen has failed. What you had saved is safe.',
  notFound: 'There is nothing here. It may have been deleted.',
  reload: 'Reload',
};
