import { Anchor, type AnchorProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PeopleFilter } from './people';

/** A number of a campaign's page that opens the people behind it: the list below shows them, and the address says which. */
export function Door({ filter, children, ...props }: AnchorProps & { filter: PeopleFilter; children: ReactNode }) {
  return (
    <Anchor size="sm" {...props} renderRoot={(root) => <Link {...root} from="/campaigns/$id" to="/campaigns/$id" params={true} search={({ by }) => ({ ...filter, by })} hash="people" />}>
      {children}
    </Anchor>
  );
}
