// Makes calls through rubik-esputnik, as a customer's system does, and prints each answer as a line of JSON. Only host,
// version and key differ from what such a system has: they come from the environment.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const Esputnik = require("rubik-esputnik");

const client = new Esputnik();
client.up({
  config: {
    get: () => ({
      host: process.env.ESPUTNIK_HOST,
      version: "v1",
      username: "anybody",
      password: process.env.ESPUTNIK_KEY,
      dictionaries: { default: { plan: "161733", wasPaid: "161732" } },
    }),
  },
});

// A line is ["contact.subscribe", {…}, {"id": 7}]: the method as the package names it, the body, the options.
for await (const line of createInterface({ input: process.stdin })) {
  const [name, body, options] = JSON.parse(line);
  const method = name.split(".").reduce((at, part) => at[part], client);
  try {
    console.log(JSON.stringify({ answer: await method.call(client, body, options) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
