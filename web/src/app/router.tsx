import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { type Filter, readFilter } from '@/features/contact/filter';
import { Broken, Nowhere } from '@/ui/Broken';
import { type PeopleFilter, peopleFilter } from '@/features/campaign/people';
import { Shell } from './Shell';

const root = createRootRoute({ component: Shell, notFoundComponent: Nowhere, errorComponent: Broken });

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const texts = (value: unknown) => (Array.isArray(value) ? value.filter((v) => typeof v === 'string') : undefined);

const home = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('@/features/home/HomePage'), 'HomePage') });
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./welcome/WelcomePage'), 'WelcomePage'),
});
const bots = createRoute({ getParentRoute: () => root, path: '/bots', component: lazyRouteComponent(() => import('@/features/bot/BotsPage'), 'BotsPage') });
const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/campaigns',
  component: lazyRouteComponent(() => import('@/features/campaign/CampaignsPage'), 'CampaignsPage'),
  validateSearch: (s): { search?: string; state?: string[]; sort?: string } => ({ search: text(s.search), state: texts(s.state), sort: text(s.sort) }),
});
const newCampaign = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/new',
  component: lazyRouteComponent(() => import('@/features/campaign/NewCampaignPage'), 'NewCampaignPage'),
  validateSearch: (s): { messageId?: number; groupId?: number } => ({ messageId: Number(s.messageId) || undefined, groupId: Number(s.groupId) || undefined }),
});
const campaign = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/$id',
  component: lazyRouteComponent(() => import('@/features/campaign/CampaignPage'), 'CampaignPage'),
  validateSearch: (s): PeopleFilter & { by?: 'language' | 'group' } => ({ ...peopleFilter(s), by: s.by === 'language' || s.by === 'group' ? s.by : undefined }),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: '/campaigns/compare',
  component: lazyRouteComponent(() => import('@/features/campaign/ComparePage'), 'ComparePage'),
  validateSearch: (s): { a?: number; b?: number } => ({ a: Number(s.a) || undefined, b: Number(s.b) || undefined }),
});
const messages = createRoute({
  getParentRoute: () => root,
  path: '/messages',
  component: lazyRouteComponent(() => import('@/features/message/MessagesPage'), 'MessagesPage'),
  validateSearch: (s): { search?: string; sort?: string } => ({ search: text(s.search), sort: text(s.sort) }),
});
const message = createRoute({ getParentRoute: () => root, path: '/messages/$id', component: lazyRouteComponent(() => import('@/features/message/MessagePage'), 'MessagePage') });
const contacts = createRoute({
  getParentRoute: () => root,
  path: '/contacts',
  component: lazyRouteComponent(() => import('@/features/contact/ContactsPage'), 'ContactsPage'),
  validateSearch: (s): Filter & { sort?: string } => ({ ...readFilter(s), sort: text(s.sort) }),
});
const importContacts = createRoute({
  getParentRoute: () => root,
  path: '/contacts/import',
  component: lazyRouteComponent(() => import('@/features/contact/ImportPage'), 'ImportPage'),
  validateSearch: (s): { id?: string } => ({ id: text(s.id) }),
});
const fields = createRoute({ getParentRoute: () => root, path: '/contacts/fields', component: lazyRouteComponent(() => import('@/features/contact/FieldsPage'), 'FieldsPage') });
const contact = createRoute({ getParentRoute: () => root, path: '/contacts/$id', component: lazyRouteComponent(() => import('@/features/contact/ContactPage'), 'ContactPage') });
const audiences = createRoute({
  getParentRoute: () => root,
  path: '/audiences',
  component: lazyRouteComponent(() => import('@/features/audience/AudiencesPage'), 'AudiencesPage'),
  validateSearch: (s): { search?: string; sort?: string } => ({ search: text(s.search), sort: text(s.sort) }),
});
const audience = createRoute({ getParentRoute: () => root, path: '/audiences/$id', component: lazyRouteComponent(() => import('@/features/audience/AudiencePage'), 'AudiencePage') });
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/workspace/SettingsPage'), 'SettingsPage'),
  validateSearch: (s): { tab?: string } => ({ tab: text(s.tab) }),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home, welcome, bots, campaigns, newCampaign, compare, campaign, messages, message, contacts, importContacts, fields, contact, audiences, audience, settings,
  ]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
