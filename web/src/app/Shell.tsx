import { ActionIcon, AppShell, Kbd, NavLink } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { follow } from '@/api/live';
import { useWords } from '@/words/words';
import { AccountMenu } from './AccountMenu';
import { Connection } from './Connection';
import { Keys, openPalette } from './Keys';
import { type Place, places } from './places';
import { SessionGate } from './SessionGate';
import { SignInAgain } from './SignInAgain';
import { WorkspaceMenu } from './WorkspaceMenu';
import classes from './Shell.module.css';

/** The frame of every screen: where one is, and where one can go. */
export function Shell() {
  return (
    <SessionGate>
      <Frame />
      <SignInAgain />
      <Keys />
    </SessionGate>
  );
}

function Frame() {
  const queries = useQueryClient();
  useEffect(() => follow(queries), [queries]);
  const words = useWords();
  const narrow = useMediaQuery('(max-width: 48em)', window.innerWidth < 768);
  return (
    <AppShell
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: true } }}
      footer={narrow ? { height: 56 } : undefined}
      padding={narrow ? 'md' : 'lg'}
    >
      <a className={classes.skip} href="#content">
        {words.nav.skip}
      </a>
      {!narrow && (
        <AppShell.Navbar p="sm" className={classes.navbar}>
          <WorkspaceMenu />
          <NavLink component="button" label={words.common.search} leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />} rightSection={<Kbd size="xs">Ctrl K</Kbd>} onClick={openPalette} className={classes.place} />
          <nav aria-label={words.nav.main} className={classes.places}>
            {places.map((p) => (
              <PlaceLink key={p.to} {...p} />
            ))}
          </nav>
          <AccountMenu />
        </AppShell.Navbar>
      )}
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Connection />
        <Outlet />
      </AppShell.Main>
      {narrow && (
        <AppShell.Footer className={classes.footer}>
          <nav aria-label={words.nav.main} className={classes.bar}>
            {places.map((p) => (
              <BarLink key={p.to} {...p} />
            ))}
            <AccountMenu compact />
          </nav>
        </AppShell.Footer>
      )}
    </AppShell>
  );
}

function useHere(to: string) {
  const path = useLocation({ select: (l) => l.pathname });
  return to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
}

function PlaceLink({ to, word, icon: Icon }: Place) {
  const words = useWords();
  const here = useHere(to);
  return (
    <NavLink
      component={Link}
      to={to}
      label={words.nav[word]}
      leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
      active={here}
      aria-current={here ? 'page' : undefined}
      className={classes.place}
    />
  );
}

function BarLink({ to, word, icon: Icon }: Place) {
  const words = useWords();
  const here = useHere(to);
  return (
    <ActionIcon
      component={Link}
      to={to}
      variant={here ? 'light' : 'subtle'}
      color={here ? undefined : 'gray'}
      size={40}
      aria-label={words.nav[word]}
      aria-current={here ? 'page' : undefined}
    >
      <Icon size={20} stroke={1.6} aria-hidden />
    </ActionIcon>
  );
}
