// A bot of your own that tells Bellman who opened a chat with it. Bellman sends through the same bot; it never reads the
// bot's updates, so this program and Bellman do not disturb each other.
import { Bot, Keyboard } from "grammy";

const { BOT_TOKEN, TELEGRAM_API_ROOT, BELLMAN_URL, BELLMAN_KEY, BELLMAN_APP } = process.env;

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT || "https://api.telegram.org" } });

// https://t.me/YourBot?start=customer-42 opens the chat with "/start customer-42": we know whose chat it is.
bot.chatType("private").command("start", async (ctx) => {
  if (ctx.match) {
    await forward({ token: String(ctx.chat.id), externalCustomerId: ctx.match });
    return ctx.reply("Welcome! You will hear from us here.");
  }
  const share = new Keyboard().requestContact("Share my phone number").resized().oneTime();
  return ctx.reply("Welcome! Please share your phone number, so that we know who you are.", { reply_markup: share });
});

// Anyone can send anyone's card. Only a person's own carries their user id, and proves that the number is theirs.
bot.chatType("private").on("message:contact", async (ctx) => {
  const { user_id, phone_number } = ctx.message.contact;
  if (user_id !== ctx.from.id) {
    return ctx.reply("That is somebody else's number. Please use the button below to share yours.");
  }
  await forward({ token: String(ctx.chat.id), phone: "+" + phone_number.replace(/^\+/, "") });
  return ctx.reply("Thank you! You will hear from us here.", { reply_markup: { remove_keyboard: true } });
});

bot.catch(async ({ error, ctx }) => {
  console.error(`update ${ctx.update.update_id}:`, error.message);
  await ctx.reply("Sorry, that did not work. Please try again in a minute.").catch(() => {});
});

async function forward(item) {
  const response = await fetch(`${BELLMAN_URL}/api/v1/apps/${BELLMAN_APP}/tokens`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: "Basic " + Buffer.from(`forwarder:${BELLMAN_KEY}`).toString("base64"),
    },
    body: JSON.stringify({ tokens: [item] }),
  });
  if (!response.ok) throw new Error(`Bellman answered ${response.status}: ${await response.text()}`);
  const [result] = (await response.json()).results;
  if (result.status === "REJECTED") throw new Error(`Bellman rejected the chat: ${result.message}`);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => bot.stop());
await bot.start({ onStart: (me) => console.log(`@${me.username} is listening`) });
