/** Why Bellman has paused a campaign, a bot or a webhook, and what to do. The keys are those of the server. */
export const pauses = {
  bot_refused: 'Telegram refuses the bot. Connect it again with its current token, and the campaign goes on by itself.',
  content_refused: 'Telegram refused the message five times in a row. Cancel the campaign, correct the message, and make a new one.',
  mass_chat_not_found: 'The bot does not know most of the last recipients. Check that they are subscribers of this bot, then resume or cancel.',
  mass_gone: 'Most of the last recipients have blocked the bot. Check that they are subscribers of this bot, then resume or cancel.',
  answers_lost: 'Messages left and no answer came: they may have arrived. Ask a few of the recipients, then resume or cancel.',
  not_written: 'The database did not take what became of the messages. Tell who runs Bellman, then resume or cancel.',
  stars_budget_spent: 'The budget of Stars is spent. Raise it and resume, or cancel.',
  approval_needed: 'There are more recipients now than its author may reach alone. Somebody else who may send resumes it.',
  restored: 'The database was restored from a backup, and part may have gone out after it. Resume, and some may get it twice.',
  token_refused: 'Telegram refuses the token. Connect the bot again with a new one.',
  bot_logged_out: 'The bot was logged out of its Bot API server. Connect it again.',
  bot_frozen: 'Telegram has frozen the bot. Ask the support of Telegram.',
  token_unreadable: 'The token is kept under another secret key. Connect the bot again.',
  by_hand: 'Somebody paused it.',
  gone: 'The address said that it is gone for good. Give another one, or delete this.',
  secret_unreadable: 'The password or the secret is kept under another secret key. Give them again.',
};
