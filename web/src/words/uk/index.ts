import type { Words } from '../words';
import { account } from './account';
import { acts } from './acts';
import { again } from './again';
import { audiences } from './audiences';
import { audit } from './audit';
import { bots } from './bots';
import { campaigns } from './campaigns';
import { common } from './common';
import { contacts } from './contacts';
import { faults } from './faults';
import { home } from './home';
import { messages } from './messages';
import { nav } from './nav';
import { numbers } from './numbers';
import { pauses } from './pauses';
import { places } from './places';
import { problems } from './problems';
import { reasons } from './reasons';
import { samples } from './samples';
import { settings } from './settings';
import { welcome } from './welcome';

/** Ukrainian. */
export const uk: Words = {
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
  pauses,
  places,
  acts,
  audit,
  problems,
};
