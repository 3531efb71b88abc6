/** Groups and their members. */
export const audiences = {
  title: 'Audiences',
  new: 'New group',
  empty: 'A group is a list of contacts that you keep by hand. Campaigns go to groups.',
  name: 'Name',
  members: 'Members',
  remove: 'Take out',
  created: 'The group is made',
  deleteSure: 'Its contacts stay.',
  deleted: 'The group is deleted',
  noMembers: 'Nobody is in it yet. Add contacts from their cards, or by an import.',
  add: 'Add to a group',
  added: (name: string) => `Added to ${name}`,
  usedBy: 'Goes to it:',
};
