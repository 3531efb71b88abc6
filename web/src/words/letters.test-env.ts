/** Words that are Latin in every language. */
const latin = [
  'Telegram', 'Premium', 'Bellman', 'BotFather', 'Liquid', 'Word', 'Google Docs', 'Mini App', 'Markdown', 'API Token', 'API', 'CSV', 'HTML', 'HTTPS', 'URL', 'UTM', 'KEY', '/newbot', '/mybots', '/start', 'app_uuid', 'utm_\\w+', '\\$messageName',
  'externalCustomerId', 'firstName', 'lastName', 'phone', 'email', 'bot', 'ID', '\\d+:AAE', 'JSON', 'SVG', 'PNG', 'GIF', 'MP4', 'UTF-8', 'SMS', 'Email', 'IPv6', 'Bot API',
  'https?://[\\w.]*', '(?:\\w+@)?example\\.com', 'https', 'http', 'tg', 'ton', 'uk', 'en', 'UA', 'Europe/Kyiv', '&\\w+;', 'emoji-id', 'U\\+\\w+', 'unix',
];
const allowed = new RegExp(`(?<!\\w)@?(${latin.join('|')})(?!\\w)`, 'g');

/** A text without what is not language: tags, Liquid, and the words that stay Latin. */
export const language = (text: string) => text.replace(/<[^>]*>|\{\{.*?\}\}|\{%.*?%\}/g, '').replace(allowed, '');

/** Letters and signs that a text of a language does not have. */
export const foreign = { uk: /[ёъыэ'"“”]/i, ru: /[іїєґ'’"“”]/i };
