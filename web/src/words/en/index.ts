import { account } from './account';
import { again } from './again';
import { audiences } from './audiences';
import { bots } from './bots';
import { campaigns } from './campaigns';
import { common } from './common';
import { contacts } from './contacts';
import { faults } from './faults';
import { home } from './home';
import { messages } from './messages';
import { nav } from './nav';
import { numbers } from './numbers';
import { reasons } from './reasons';
import { samples } from './samples';
import { settings } from './settings';
import { welcome } from './welcome';

/** English. The other languages have the same sections, each a file, with the same keys, each a line. */
export const en = {
  nav,
  account,
  common,
  faults,
  again,
  numbers,
  home,
  welcome,
  bots,
  campaigns,
  messages,
  contacts,
  audiences,
  samples,
  settings,
  reasons,
};
