// A bot of your own that tells Bellman who opened a chat with it. Bellman sends through the same bot; it never reads the
// bot's updates, so this program and Bellman do not disturb each other.
import { createHmac, timingSafeEqual } from "node:crypto";
import { Bot, Keyboard } from "grammy";

const { BOT_TOKEN, TELEGRAM_API_ROOT, BELLMAN_URL, BELLMAN_KEY, BELLMAN_APP, LINK_SECRET } = process.env;
if (!LINK_SECRET) throw new Error("set LINK_SECRET to a long random text, the same that the shop signs its links with");

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT || "https://api.telegram.org" } });

// https://t.me/YourBot?start=CODE opens the chat with "/start CODE": we know whose chat it is.
bot.chatType("private").command("start", async (ctx) => {
  if (ctx.match) {
    const customer = customerOf(ctx.match);
    if (!customer) return ctx.reply("This link has expired. Please take a new one from your account.");
    await forward({ token: String(ctx.chat.id), externalCustomerId: customer });
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

// customerOf returns the customer that the shop made a link for: customer_expires_signature, where expires is in unix
// seconds and the signature is HMAC-SHA256 under LINK_SECRET. A link with a bare customer number would let anybody
// count through the numbers and get other people's orders.
function customerOf(code) {
  const [, signed, signature] = code.match(/^(.+)_(.{22})$/) ?? [];
  if (!signed) return undefined;
  const want = createHmac("sha256", LINK_SECRET).update(signed).digest("base64url").slice(0, 22);
  const [, customer, expires] = signed.match(/^(.+)_(\d+)$/) ?? [];
  const genuine = /^[\w-]+$/.test(signature) && timingSafeEqual(Buffer.from(signature), Buffer.from(want));
  return genuine && customer && Date.now() < Number(expires) * 1000 ? customer : undefined;
}

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
