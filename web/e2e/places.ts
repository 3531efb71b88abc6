/** Every screen of a filled Bellman by its address, in the order of the navigation. */
export const places = [
  '/', '/welcome', '/campaigns', '/campaigns?search=nothing', '/campaigns/new', '/campaigns/1', '/campaigns/1?status=failed', '/campaigns/1?by=group&clicked=true', '/campaigns/compare?a=1&b=1', '/campaigns/2', '/campaigns/3',
  '/messages', '/messages/new', '/messages/1', '/contacts', '/contacts/import', '/contacts/fields', '/contacts/1', '/audiences', '/audiences/1', '/bots', '/settings',
  '/settings?tab=workspace', '/settings?tab=people', '/settings?tab=keys', '/settings?tab=webhooks', '/settings?tab=audit', '/settings?tab=about',
  '/campaigns/404', '/settings/nowhere',
];

/** Where one is before one has signed in. */
export const entry = '/start';

export const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/** The languages of the UI as a browser asks for them. */
export const locales = { en: 'en-US', uk: 'uk-UA', ru: 'ru-RU' };
