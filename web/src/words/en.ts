import { plurals } from '@/lib/plural';

const count = plurals('en');

/** English: the other languages have the same keys. */
export const en = {
  nav: {
    main: 'Main', home: 'Home', campaigns: 'Campaigns', messages: 'Messages', contacts: 'Contacts', audiences: 'Audiences', bots: 'Bots',
    settings: 'Settings', more: 'More', skip: 'Skip to the content', palette: 'Where to, or what to do?', nothing: 'Nothing is called that.', keys: 'Keyboard', keysPalette: 'Go anywhere, do anything', keysHelp: 'This list', keysClose: 'Close what is open', workspace: 'Workspace',
  },
  account: { signOut: 'Sign out', language: 'Language', theme: 'Theme', light: 'Light', dark: 'Dark', auto: 'As the system', menu: 'Account' },
  common: {
    save: 'Save', cancel: 'Cancel', close: 'Close', retry: 'Try again', more: 'Show more', search: 'Search', all: 'All', copy: 'Copy', copied: 'Copied',
    saved: (time: string) => `Saved ${time}`, saving: 'Saving…', unsaved: 'Not saved yet', delete: 'Delete', actions: 'More actions', clear: 'Clear the filters',
    loading: 'Loading', nothingFound: 'Nothing fits these filters.', created: 'Created', changed: 'Changed', name: 'Name', status: 'Status', dateIn: (zone: string) => `Times are those of ${zone}.`,
    about: (n: string) => `about ${n}`, back: 'Back', edit: 'Edit', undo: 'Undo', yes: 'Yes', no: 'No', none: 'None',
  },
  faults: {
    title: 'This did not work', unreachable: 'The server does not answer. Nothing was changed; try again in a moment.', offline: 'No connection. What is shown may be old; it goes on by itself.',
    quote: (id: string) => `Who asks for help quotes ${id}.`, forbidden: 'Your role does not allow this. Ask an owner or admin of the workspace.', broken: 'This screen has failed. What you had saved is safe.',
    notFound: 'There is nothing here. It may have been deleted.', reload: 'Reload', changedMeanwhile: 'Somebody else has changed this meanwhile.',
  },
  again: {
    title: 'Sign in again', lead: 'Your session has ended. What you typed is still here.', confirmTitle: 'Show that it is you', confirmLead: 'This is dangerous: give your password once more.',
    email: 'Email', password: 'Password', code: 'Code of your authenticator', go: 'Sign in', confirm: 'Go on',
  },
  numbers: {
    people: (n: number) => count(n, { one: '# person', other: '# people' }),
    subscribers: (n: number) => count(n, { one: '# subscriber', other: '# subscribers' }),
    contacts: (n: number) => count(n, { one: '# contact', other: '# contacts' }),
    minutes: (n: number) => count(n, { one: '# minute', other: '# minutes' }),
    seconds: (n: number) => count(n, { one: '# second', other: '# seconds' }),
    hours: (n: number) => count(n, { one: '# hour', other: '# hours' }),
    perSecond: (n: string) => `${n} a second`,
  },
  home: {
    title: 'Home', now: 'Going out now', nothingNow: 'Nothing goes out at the moment.', waits: 'Scheduled', hand: 'Needs a hand', days: 'The last 30 days', recent: 'Recent campaigns',
    sent: 'Sent', failed: 'Failed', clicked: 'Clicked', subscribed: 'New subscribers', left: 'Left', subscribers: 'Subscribers', welcome: 'Finish setting up', newCampaign: 'New campaign',
    noCampaigns: 'A campaign sends one message to many people, and tells what became of each.', chart: 'Messages sent by day', day: 'Day',
  },
  welcome: {
    title: 'Get to the first message', lead: 'Four steps. Each ticks itself when it is done; skip what you like and come back later.', skip: 'Skip for now', done: 'Done',
    bot: 'Connect a bot', botDone: (name: string) => `${name} is connected.`,
    botSteps: 'In Telegram, write to @BotFather, send /newbot, choose a name, and copy its whole answer here.',
    people: 'Somebody to send to', peopleDone: (n: string) => `Your bots have ${n}.`, peopleLead: 'Contacts come by the API, by an import, or one by one. Whoever writes to your bot can be passed on to Bellman.', peopleGo: 'Import contacts',
    message: 'Write a message', messageDone: (name: string) => `“${name}” is ready.`, messageGo: 'Write a message', messageSample: 'Take a sample', sampleName: 'Hello', sampleText: '<b>Hello{% if contact.firstName %}, {{ contact.firstName }}{% endif %}!</b>\nThis is the first message of our bot.',
    send: 'Send it', sendLead: 'Make a campaign, look at who gets it, and send.', sendGo: 'Make a campaign', sendDone: 'Your first campaign is on its way.', all: 'That was all. The home page shows what goes on.', home: 'To the home page',
  },
  bots: {
    title: 'My bots', connect: 'Connect Telegram bot', connectAgain: 'Connect existing bot', empty: 'A bot is whom your subscribers talk to. Connect the one that you have, or make one with @BotFather.',
    token: 'What @BotFather answered', tokenHint: 'Paste the whole message: the token is found in it. It is kept encrypted and never shown again.', tokenMissing: 'There is no token in this. It looks like 123456789:AAE… .',
    connected: (name: string) => `${name} is connected`, active: 'Works', paused: 'Paused: Telegram refuses its token. Connect it again with a new one.', waits: (until: string) => `Waits until ${until}: Telegram has asked it to.`,
    unreachable: (until: string) => `Telegram does not answer. Bellman tries again at ${until}.`, uuid: 'app_uuid', curl: 'Add a subscriber by API', subscribers: 'Subscribers', pace: 'Messages a second', paceHint: 'Empty: the limit of the installation.',
    connectNew: 'A new bot', stepsExisting: ['Open @BotFather in Telegram and send /mybots.', 'Choose your bot, then API Token.', 'Copy the token and paste it below.'], steps: ['Open @BotFather in Telegram and press Start.', 'Send /newbot, then choose a name and a username that ends in “bot”.', 'Copy the whole answer and paste it below.'], state: 'State', growth: 'New and gone, 30 days',
    keyNeeded: 'with a key of yours in place of KEY', open: 'Open in Telegram',
  },
  campaigns: {
    title: 'Campaigns', new: 'New campaign', empty: 'A campaign sends one message to many people, and tells what became of each.', name: 'Name', bot: 'Bot', message: 'Message', audience: 'Who', when: 'When', all: 'All subscribers of the bot',
    groups: 'Groups', groupsAny: 'Contacts in any of these groups', excluded: 'But not', ready: 'Ready?', recipients: 'Goes to', now: 'Now', at: 'At a time', atLabel: 'Date and time', create: 'Save and look', draftSaved: 'The draft is saved',
    sendNow: (people: string) => `Send to ${people} now`, sendAt: (people: string, time: string) => `Send to ${people} on ${time}`, typeNumber: (n: string) => `To make sure, type the number of people: ${n}`, nobody: 'Nobody gets it: choose other people.',
    launched: 'It goes out', takeBack: 'Take back', seconds: (n: number) => `Leaves in ${n} s`, pause: 'Pause', resume: 'Go on', cancel: 'Cancel for good', cancelSure: 'Everybody who is still waiting will not get it.', unschedule: 'Back to draft', resend: 'Send again to unknown and failed',
    delete: 'Delete the draft', duplicate: 'Duplicate', editAudience: 'Change', scheduledFor: (time: string) => `Goes out on ${time}`, takes: (time: string) => `takes about ${time}`,
    missing: (people: string, variable: string) => `${people} lack ${variable}: their message would have a gap.`, checksGood: 'Nothing speaks against it.', pastTime: 'This time has passed: choose a later one.', approval: 'Somebody else than its author has to launch this many.',
    progress: 'Progress', sum: 'What became of them', clickedOf: (n: string, share: string) => `${n} clicked (${share})`, rate: 'Pace', left: (time: string) => `${time} left`, links: 'Links and buttons', link: 'Link', clicks: 'Clicks', clickers: 'People', noLinks: 'The message has no links that are counted.',
    who: 'Who got what', person: 'Person', reason: 'Why', settled: 'When', noDeliveries: 'Nobody stands here.', sentIsNot: 'Sent means that Telegram took the message. Telegram tells nobody whether it was delivered or read.', stateReason: 'Bellman paused it',
    states: { draft: 'Draft', scheduled: 'Scheduled', launching: 'Starting', sending: 'Sending', paused: 'Paused', finished: 'Finished', cancelled: 'Cancelled' },
    statuses: { queued: 'Queued', sending: 'Sending', sent: 'Sent', failed: 'Failed', skipped: 'Skipped', unknown: 'Unknown' },
    test: 'Test', resendOf: 'Another pass', copyOf: (name: string) => `${name} (copy)`, paceWaits: (until: string) => `Telegram has asked to wait until ${until}. It goes on by itself.`,
  },
  messages: {
    title: 'Messages', new: 'New message', empty: 'A message is what your subscribers get. Write it once, send it in as many campaigns as you like.', name: 'Name', nameHint: 'Only you and your colleagues see it.', text: 'Text', textHint: 'Paste from Word, Docs, a site or Markdown: it becomes what Telegram can show.', htmlHint: 'Telegram’s HTML. Values in {{ }}.', html: 'HTML', visual: 'Text', codeBlock: 'Block of code', fallback: (name: string) => `In place of ${name}, where somebody lacks it`, fallbackNone: 'nothing', htmlOnly: 'This text has mark-up that the editor would change, and so it is shown as HTML.',
    buttons: 'Buttons', addButton: 'Add a button', buttonText: 'Text', buttonUrl: 'Link', removeButton: 'Remove the button', preview: 'As it will be seen', previewFor: 'For', nobody: 'nobody in particular', faults: 'Mend before it can be saved', insert: 'Insert a value', bold: 'Bold', italic: 'Italic', underline: 'Underline', strike: 'Strike out', code: 'Code', link: 'Link', quote: 'Quote', spoiler: 'Spoiler',
    linkAsk: 'Where does the link lead?', languages: 'Languages', ownLanguage: 'For everybody', addLanguage: 'Add a language', removeLanguage: (name: string) => `Remove ${name}`, photo: (n: number) => `Photo ${n}`, earlier: (n: number) => `Move file ${n} to the left`, removeFile: (n: number) => `Remove file ${n}`, addFiles: 'Photo, video or file', sendTest: 'Send to me', testSent: 'It is on its way', counter: (n: number, most: number) => `${n} of ${most}`, untitled: 'New message', phone: 'The reader’s phone', silent: 'Without sound', light: 'Light', dark: 'Dark', missing: (names: string) => `Missing for this person: ${names}`, send: 'Make a campaign of it', formatting: 'Formatting', media: 'file', conflictTitle: 'Two versions', conflictLead: (who: string) => `${who} has saved another version meanwhile.`, conflictMine: 'Keep mine', conflictTheirs: 'Take theirs', mine: 'Yours', theirs: 'Theirs',
    restored: 'What you had typed was restored.', discard: 'Discard it',
  },
  contacts: {
    title: 'Contacts', new: 'New contact', empty: 'Contacts are your customers. They come by the API, by an import, or one by one.', import: 'Import', searchHint: 'Name, phone, email or your own id', phone: 'Phone', email: 'Email', external: 'Your own id', firstName: 'First name', lastName: 'Last name', language: 'Language', zone: 'Time zone', chats: 'Chats', noChat: 'No chat with a bot yet', active: 'active', muted: (until: string) => `muted until ${until}`, left: 'left', fields: 'Fields', identities: 'Who it is', unnamed: (id: number) => `Contact ${id}`,
    importTitle: 'Import contacts', importLead: 'A CSV file with a row of names on top: phone, email, externalCustomerId, firstName, lastName, and your own fields.', file: 'File', chooseFile: 'Choose a CSV file', recognise: 'Recognise people by', importGo: 'Import', importState: { started: 'Waits for its turn', importing: 'Importing', finished: 'Finished', failed: 'Failed' }, importSum: (created: string, updated: string, failed: string) => `${created} new, ${updated} updated, ${failed} refused`, refused: 'Refused rows', row: 'Row', why: 'Why', ids: { email: 'email', sms: 'phone', email_or_sms: 'email or phone', externalCustomerId: 'your own id' }, saved: 'The contact is saved', deleted: 'The contact is deleted',
  },
  audiences: {
    title: 'Audiences', new: 'New group', empty: 'A group is a list of contacts that you keep by hand. Campaigns go to groups.', name: 'Name', members: 'Members', remove: 'Take out', created: 'The group is made', deleteSure: 'Its contacts stay.', deleted: 'The group is deleted', noMembers: 'Nobody is in it yet. Add contacts from their cards, or by an import.', add: 'Add to a group', added: (name: string) => `Added to ${name}`,
  },
  settings: {
    title: 'Settings', tabs: { profile: 'Profile', workspace: 'Workspace', people: 'People', keys: 'Keys', webhooks: 'Webhooks', audit: 'Audit', about: 'About' }, webhooksLead: 'Addresses of yours that are told what became of messages.', newWebhook: 'New webhook', address: 'Address', probe: 'Try it', probeGood: 'The address answers.', log: 'Log', newSecret: 'New secret', secretOnce: 'This is the only time that the secret is shown. Copy it now.', failing: 'Does not answer', nextAttempt: (time: string) => `Tried again at ${time}.`, lastDelivered: (time: string) => `Told last ${time}.`, nothingYet: 'Nothing was posted yet.', waiting: (n: number) => count(n, { one: '# activity waits.', other: '# activities wait.' }), activities: (n: number) => count(n, { one: '# activity', other: '# activities' }), replay: 'Post again', replayed: 'It is posted again', authenticator: 'Codes of an authenticator', authenticatorOn: 'Beside the password, a code is asked for.', authenticatorOff: 'Who has your password still cannot get in without the code that your telephone shows.', authenticatorType: 'Type this into the authenticator, then the six digits that it shows.', sixDigits: 'Six digits', authenticatorAdd: 'Set up', authenticatorRemove: 'Remove', recovery: 'Each of these takes the place of the authenticator once. Keep them apart from it.', recoveryRenew: 'New recovery codes', passkeys: 'Passkeys', passkeysLead: 'Sign in by the fingerprint, face or code of a device.', passkeyName: 'Name of the device', passkeyAdd: 'Add a passkey', passkeyRemove: (name: string) => `Delete ${name}`, sessions: 'Where you are signed in', thisBrowser: 'this browser', seen: 'Last seen', endSession: 'Sign out there', endOthers: 'Sign out everywhere else', yourName: 'Your name', region: 'Country of phones', zone: 'Time zone', workspaceName: 'Name', role: 'Role', since: 'Since', invite: 'Invite', inviteEmail: 'Email', inviteLink: 'Send this link to them. It is good once, for a week.', invited: 'The invitation is made', key: 'Key', scope: 'For', used: 'Last used', expires: 'Ends', newKey: 'New key', keyOnce: 'This is the only time that the key is shown. Copy it now.', revoke: 'Revoke', never: 'never', who: 'Who', act: 'What', result: 'How it ended', at: 'When', api: 'The APIs', apiLead: 'Everything here is done over the management API. Systems call the integration API.', currentPassword: 'Your password now', newPassword: 'New password', changePassword: 'Change the password', passwordChanged: 'The password is changed. Other browsers were signed out.', finished: 'A link then looks like this',
    roles: { owner: 'Owner', admin: 'Admin', marketer: 'Marketer', writer: 'Writer', agent: 'Agent', analyst: 'Analyst' },
    scopes: { full: 'Everything', installation: 'All workspaces', 'events+contacts': 'Events and contacts', 'events+contacts-write': 'Events, contacts in writing', events: 'Events', messages: 'Messages', metrics: 'Metrics' },
  },
};
