// Serves telegram-test-api on a free loopback port and prints that port.
import http from "node:http";
import TelegramServer from "telegram-test-api";

// Telegram holds a long poll open until there is news. telegram-test-api answers at once, and a bot on it would spin.
const POLL_MS = 100;

const telegram = new TelegramServer();
const server = http.createServer((request, response) => {
  const isPoll = /^\/bot[^/]+\/getUpdates/.test(request.url);
  setTimeout(() => telegram.webServer(request, response), isPoll ? POLL_MS : 0);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
