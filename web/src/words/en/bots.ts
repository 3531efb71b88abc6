import { plurals } from '@/lib/plural';

const count = plurals('en');

/** Bots and how they are connected. */
export const bots = {
  title: 'My bots',
  connect: 'Connect Telegram bot',
  connectNew: 'A new bot',
  connectExisting: 'Connect existing bot',
  connectAgain: 'Connect existing bot',
  empty: 'A bot is whom your subscribers talk to. Connect the one that you have, or make one with @BotFather.',
  token: 'What @BotFather answered',
  tokenHint: 'Paste the whole message: the token is found in it. It is kept encrypted and never shown again.',
  tokenMissing: 'There is no token in this. It looks like 123456789:AAE… .',
  connected: (name: string) => `${name} is connected`,
  active: 'Works',
  paused: 'Paused: Telegram refuses its token. Connect it again with a new one.',
  waits: (until: string) => `Waits until ${until}: Telegram has asked it to.`,
  unreachable: (until: string) => `Telegram does not answer. Bellman tries again at ${until}.`,
  uuid: 'app_uuid',
  curl: 'Add a subscriber by API',
  subscribers: 'Subscribers',
  pace: 'Messages a second',
  paceHint: 'Empty: the limit of the installation.',
  steps: [
    'Open @BotFather in Telegram and press Start.',
    'Send /newbot, then choose a name and a username that ends in “bot”.',
    'Copy the whole answer and paste it below.',
  ],
  stepsExisting: [
    'Open @BotFather in Telegram and send /mybots.',
    'Choose your bot, then API Token.',
    'Copy the token and paste it below.',
  ],
  keyNeeded: 'with a key of yours in place of KEY',
  disconnect: (name: string) => `Disconnect ${name}`,
  disconnectGo: 'Disconnect',
  disconnected: (name: string) => `${name} is disconnected`,
  isDisconnected: 'Disconnected: nothing is sent by it',
  gone: 'Disconnected bots',
  disconnectPending: (names: string) => `Campaigns still go out by it: ${names}. Cancel them or wait first.`,
  disconnectLead: (n: number) => count(n, { one: 'Its token is forgotten at once and nothing is sent any more. Its # subscriber, reports and history stay, and are back when it is connected again.', other: 'Its token is forgotten at once and nothing is sent any more. Its # subscribers, reports and history stay, and are back when it is connected again.' }),
  growth: (came: string, left: string) => `${came} new and ${left} gone in 30 days`,
};
