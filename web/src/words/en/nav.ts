/** The places of the app. */
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
  workspace: 'Workspace',
};
