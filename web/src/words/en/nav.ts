/** The places of the app, and the palette and keys that lead there. */
export const nav = {
  main: 'Main',
  home: 'Home',
  campaigns: 'Campaigns',
  messages: 'Messages',
  contacts: 'Contacts',
  audiences: 'Audiences',
  bots: 'Bots',
  settings: 'Settings',
  skip: 'Skip to the content',
  palette: 'Where to, or what to do?',
  nothing: 'Nothing is called that.',
  keys: 'Keyboard',
  keysPalette: 'Go anywhere, do anything',
  keysHelp: 'This list',
  keysClose: 'Close what is open',
  workspace: 'Workspace',
};
