/** Signing in again, and showing that it is oneself. */
export const again = {
  title: 'Sign in again',
  lead: 'Your session has ended. What you typed is still here.',
  confirmTitle: 'Show that it is you',
  confirmLead: 'This is dangerous: give your password once more.',
  email: 'Email',
  password: 'Password',
  code: 'Code of your authenticator',
  go: 'Sign in',
  confirm: 'Go on',
};
