import { expect, test } from 'vitest';
import { changesOf, nameOf, subjectOf } from './line';

test.each([
  ['launch-campaign', 'campaigns/7', 'done', { kind: 'campaigns', id: '7', to: '/campaigns/7' }],
  ['attach-contacts', 'groups/4', 'done', { kind: 'groups', id: '4', to: '/audiences/4' }],
  ['undo-import', 'imports/0b7e-1', 'done', { kind: 'imports', id: '0b7e-1', to: '/contacts/import?id=0b7e-1' }],
  ['update-chat', 'bots/2/chats/5', 'done', { kind: 'bots', id: '2', to: '/bots' }],
  ['delete-campaign', 'campaigns/7', 'done', { kind: 'campaigns', id: '7', to: undefined }],
  ['delete-campaign', 'campaigns/7', 'campaign_state', { kind: 'campaigns', id: '7', to: '/campaigns/7' }],
  ['upload-media', 'media/3', 'done', { kind: 'media', id: '3', to: undefined }],
  ['create-key', 'keys', 'done', undefined],
  ['sign-in', undefined, 'done', undefined],
  ['update-bot', 'bots/?', 'done', undefined],
])('%s of %s that ended with %s is about', (act, subject, outcome, about) => {
  expect(subjectOf({ act, subject, outcome })).toEqual(about);
});

test('what changed is told, and what stayed is not', () => {
  const before = { name: 'Shop', phoneRegion: 'UA', statuses: ['sent'], auditMonths: 12 };
  const after = { name: 'Shop', phoneRegion: 'PL', statuses: ['sent'], role: 'admin' };
  expect(changesOf({ before, after })).toEqual([
    { fact: 'phoneRegion', before: 'UA', after: 'PL' },
    { fact: 'auditMonths', before: 12, after: undefined },
    { fact: 'role', before: undefined, after: 'admin' },
  ]);
  expect(changesOf({})).toEqual([]);
});

test('the name of the subject is told once, unless it was changed', () => {
  expect(changesOf({ after: { name: 'Shop', scope: 'full' } })).toEqual([{ fact: 'scope', before: undefined, after: 'full' }]);
  expect(changesOf({ before: { name: 'Shop' }, after: { name: 'Store' } })).toEqual([{ fact: 'name', before: 'Shop', after: 'Store' }]);
  expect(nameOf({ before: { name: 'Shop' }, after: { name: 'Store' } })).toBe('Store');
  expect(nameOf({ before: { name: 'Shop' } })).toBe('Shop');
  expect(nameOf({ after: { name: 7 } })).toBe('');
});
