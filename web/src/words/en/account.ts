/** One's own menu: language, look, signing out. */
export const account = {
  signOut: 'Sign out',
  language: 'Language',
  theme: 'Theme',
  light: 'Light',
  dark: 'Dark',
  auto: 'As the system',
  menu: 'Account',
};
