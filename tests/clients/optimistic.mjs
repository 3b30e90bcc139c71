// Plays somebody whose edits are shown before the gateway has answered; prints what they saw.
//
// node optimistic.mjs apollo|urql < {"address", "token", "project", "generation", "shot"}
import { readFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import * as words from "./optimistic/words.mjs";

const ANSWER = "the answer comes";
const { connected } = await import(`./optimistic/${process.argv[2]}.mjs`);
const place = JSON.parse(readFileSync(0, "utf8"));
const all = [words.generation(place), words.settings(place)];
const asked = globalThis.fetch;
const steps = [];
let seen = [];

globalThis.fetch = async (...request) => {
  const answer = await asked(...request);
  seen.push(ANSWER);
  return answer;
};
const client = connected(place, all);
for (const about of all) {
  await edited(about);
}
console.log(JSON.stringify(steps));
process.exit();

async function edited(about) {
  let known;
  seen = [];
  await new Promise((resolve) => {
    client.watch(about, (data) => {
      const shown = about.shown(data);
      if (`${shown}` !== `${known}`) seen.push(short((known = shown)));
      resolve();
    });
  });
  const write = async (text) => {
    await later(0);
    seen = [];
    const told = await client.write(about, about.input(text, known[1]));
    await later(0);
    steps.push({ told, seen });
  };
  await write("first");
  await elsewhere(about, "theirs");
  await write("mine");
  await write("x".repeat(300_000));
  await write("again");
}

/** Somebody else writes, of whom this client's cache knows nothing. */
async function elsewhere(about, text) {
  const headers = { authorization: `Bearer ${place.token}`, "content-type": "application/json" };
  const body = JSON.stringify({ query: about.write, variables: { input: about.input(text) } });
  await (await asked(place.address, { method: "POST", headers, body })).json();
}

function short([text, version]) {
  return [text?.slice(0, 6) ?? null, version];
}
