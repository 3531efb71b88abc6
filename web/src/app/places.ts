import { IconAddressBook, IconHome, IconMessage, IconRobot, IconSend, IconSettings, IconUsersGroup } from '@tabler/icons-react';

/** A screen to which the navigation leads. */
export interface Place {
  to: string;
  word: 'home' | 'campaigns' | 'messages' | 'contacts' | 'audiences' | 'bots' | 'settings';
  icon: typeof IconHome;
}

/** The screens, in the order of the navigation. */
export const places: Place[] = [
  { to: '/', word: 'home', icon: IconHome },
  { to: '/campaigns', word: 'campaigns', icon: IconSend },
  { to: '/messages', word: 'messages', icon: IconMessage },
  { to: '/contacts', word: 'contacts', icon: IconAddressBook },
  { to: '/audiences', word: 'audiences', icon: IconUsersGroup },
  { to: '/bots', word: 'bots', icon: IconRobot },
  { to: '/settings', word: 'settings', icon: IconSettings },
];
