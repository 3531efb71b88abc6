import type { acts } from './en/acts';
import type { audit } from './en/audit';
import type { pauses } from './en/pauses';
import type { places } from './en/places';

/** The sections that are not part of the first load: in English the screens that speak them bring them, in other languages the language does. */
export interface Later {
  acts: typeof acts;
  audit: typeof audit;
  pauses: typeof pauses;
  places: typeof places;
}
