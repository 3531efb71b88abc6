"""A bot of your own that tells Bellman who opened a chat with it.

Bellman sends through the same bot; it never reads the bot's updates, so this program and Bellman do not disturb each
other.
"""

import base64
import hashlib
import hmac
import logging
import os
import time

import httpx
from telegram import KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

TELEGRAM = os.environ.get("TELEGRAM_API_ROOT") or "https://api.telegram.org"
TOKENS = f"{os.environ['BELLMAN_URL']}/api/v1/apps/{os.environ['BELLMAN_APP']}/tokens"
LINK_SECRET = os.environ["LINK_SECRET"].encode()
SIGNATURE = 22  # characters of a link's signature that are kept: Telegram passes on 64 in all
bellman = httpx.AsyncClient(auth=("forwarder", os.environ["BELLMAN_KEY"]))


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    # https://t.me/YourBot?start=CODE opens the chat with "/start CODE": we know whose chat it is.
    message = update.effective_message
    if context.args:
        customer = customer_of(context.args[0])
        if customer is None:
            await message.reply_text("This link has expired. Please take a new one from your account.")
            return
        await forward({"token": str(message.chat_id), "externalCustomerId": customer})
        await message.reply_text("Welcome! You will hear from us here.")
        return
    share = KeyboardButton("Share my phone number", request_contact=True)
    await message.reply_text(
        "Welcome! Please share your phone number, so that we know who you are.",
        reply_markup=ReplyKeyboardMarkup([[share]], resize_keyboard=True, one_time_keyboard=True),
    )


async def contact(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    # Anyone can send anyone's card. Only a person's own carries their user id, and proves that the number is theirs.
    message = update.effective_message
    card = message.contact
    if card.user_id != update.effective_user.id:
        await message.reply_text("That is somebody else's number. Please use the button below to share yours.")
        return
    await forward({"token": str(message.chat_id), "phone": "+" + card.phone_number.lstrip("+")})
    await message.reply_text("Thank you! You will hear from us here.", reply_markup=ReplyKeyboardRemove())


async def failed(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    logging.error("update was not forwarded: %s", context.error)
    if isinstance(update, Update) and update.effective_message:
        await update.effective_message.reply_text("Sorry, that did not work. Please try again in a minute.")


def customer_of(code: str) -> str | None:
    """Return the customer that the shop made a link for, None for a link that is forged or has expired.

    A code is customer_expires_signature, where expires is in unix seconds and the signature is HMAC-SHA256 under
    LINK_SECRET. A link with a bare customer number would let anybody count through the numbers and get other people's
    orders.
    """
    signed, signature = code[: -SIGNATURE - 1], code[-SIGNATURE:]
    want = base64.urlsafe_b64encode(hmac.digest(LINK_SECRET, signed.encode(), hashlib.sha256)).decode()[:SIGNATURE]
    customer, _, expires = signed.rpartition("_")
    genuine = code == f"{signed}_{signature}" and hmac.compare_digest(signature.encode(), want.encode())
    if not genuine or not customer or not expires.isdecimal() or time.time() >= int(expires):
        return None
    return customer


async def forward(item: dict[str, str]) -> None:
    response = await bellman.post(TOKENS, json={"tokens": [item]})
    response.raise_for_status()
    result = response.json()["results"][0]
    if result["status"] == "REJECTED":
        raise RuntimeError(f"Bellman rejected the chat: {result.get('message')}")


def main() -> None:
    bot = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{TELEGRAM}/bot").build()
    bot.add_handler(CommandHandler("start", start, filters.ChatType.PRIVATE))
    bot.add_handler(MessageHandler(filters.ChatType.PRIVATE & filters.CONTACT, contact))
    bot.add_error_handler(failed)
    bot.run_polling()


if __name__ == "__main__":
    main()
