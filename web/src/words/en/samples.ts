/** Messages to begin with. */
export const samples = {
  all: [
    { name: 'Sale', text: '🎉 <b>20% off until Sunday</b>\n\n{{ contact.firstName | default: "Hello" }}, our spring sale has begun. The best sizes go first.', button: 'To the shop' },
    { name: 'Welcome', text: '👋 {{ contact.firstName | default: "Hello" }}, good to have you here!\n\nYou will be the first to hear of what is new, and get offers that nobody else has.', button: 'Look around' },
    { name: 'Forgotten basket', text: '🛒 {{ contact.firstName | default: "Hello" }}, you have left something in your basket.\n\nIt waits for you until tomorrow.', button: 'To my basket' },
    { name: 'Order on its way', text: '📦 <b>Your order is on its way</b>\n\n{{ contact.firstName | default: "Hello" }}, it arrives in one to two days.', button: 'Where is it?' },
    { name: 'How was it?', text: '⭐ {{ contact.firstName | default: "Hello" }}, how do you like what you bought?\n\nTwo words from you help others to choose.', button: 'Write a review' },
  ],
};
