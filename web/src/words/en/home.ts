/** The home page. */
export const home = {
  title: 'Home',
  now: 'Going out now',
  nothingNow: 'Nothing goes out at the moment.',
  waits: 'Scheduled',
  hand: 'Needs a hand',
  days: 'The last 30 days',
  recent: 'Recent campaigns',
  sent: 'Sent',
  failed: 'Failed',
  clicked: 'Clicked',
  subscribed: 'New subscribers',
  left: 'Left',
  welcome: 'Finish setting up',
  newCampaign: 'New campaign',
  noCampaigns: 'A campaign sends one message to many people, and tells what became of each.',
  chart: 'Messages sent by day',
};
