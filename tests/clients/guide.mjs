// Plays a frontend that is built as the guide says; prints what it saw, step by step.
//
// node guide.mjs PART GUIDE < {"address", "token", "short", "project", "generations", "schema", …}
// PART is one of those below, GUIDE the folder of the guide's snippets. For what no mutation does
// yet it asks: a line "make" wants a new generation in the project.
import { readFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { QueryClient } from "@tanstack/query-core";
import { gql } from "@urql/core";
import { buildSchema, introspectionFromSchema } from "graphql";
import { WebSocket } from "ws";

const [part, guide] = process.argv.slice(2);
const snippet = (name) => import(pathToFileURL(`${guide}/${name}.js`));
const place = JSON.parse(readFileSync(0, "utf8"));
const { address, token, project, generations } = place;

const url = `${address}/graphql`;
const variables = { projectId: project };
const steps = [];
let requests = 0;
let waiting;
setTimeout(() => {
  console.error(part, "waits for", `${waiting}`, "after", steps);
  process.exit(1);
}, 20_000);

globalThis.WebSocket ??= WebSocket;
const fetched = globalThis.fetch;
globalThis.fetch = (...request) => {
  requests += 1;
  return fetched(...request);
};
const socket = async (known = async () => token) =>
  (await snippet("socket")).open(url.replace("http", "ws"), known);

const parts = {
  async renew() {
    let known = place.short;
    const client = await socket(async () => known);
    const heard = [];
    let failure = null;
    const error = (found) => (failure = found);
    client.subscribe(live(), { next: (answer) => heard.push(event(answer)), error });
    await until(() => heard.length === 1);
    known = token;
    await client.renew();
    await later(place.lasting);
    await elsewhere("renamed", "late");
    await until(() => heard.length === 2 || failure);
    steps.push(heard.map(({ kind }) => kind));
  },
  async poll() {
    const { events } = await snippet("poll");
    const { data } = await asked(place.gallery, variables);
    const found = events(poll, data.project.cursor);
    const first = found.next();
    await elsewhere("renamed", "first");
    await elsewhere("renamed", "second");
    const told = [(await first).value, (await found.next()).value];
    steps.push(told.map(({ kind, scopes }) => [kind, scopes.includes("METADATA")]));
  },
  async query() {
    const { invalidate } = await snippet("query");
    const queries = new QueryClient();
    const keys = [["gallery"], ["details"], ["counts"], ["shots"], ["settings"]];
    const stale = (event) => {
      for (const key of keys) queries.setQueryData([project, ...key], 1);
      invalidate(queries, project, event);
      const is = (key) => queries.getQueryState([project, ...key]).isInvalidated;
      steps.push([event.kind, keys.filter(is).flat()]);
    };
    const heard = [];
    (await socket()).subscribe(live(), { next: (answer) => heard.push(event(answer)) });
    await until(() => heard.length === 1);
    await elsewhere("renamed", "theirs");
    await until(() => heard.length === 2);
    await set();
    await until(() => heard.length === 3);
    (await socket()).subscribe(live("nonsense"), { next: (answer) => heard.push(event(answer)) });
    await until(() => heard.length === 4);
    heard.forEach(stale);
  },
  async apollo() {
    const { apply, connect } = await snippet("apollo");
    const { isEcho, rename } = await snippet("rename");
    const client = connect(url, token, await socket());
    let shown, ready, echo;
    const watched = client.watchQuery({ query: gql(place.gallery), variables });
    watched.subscribe(({ data, dataState }) => {
      if (dataState === "complete") shown = data.project.generations.nodes;
    });
    const follow = (after) =>
      client
        .subscribe({ query: gql(place.live), variables: { ...variables, after } })
        .subscribe(({ data: { projectChanges: event } }) => {
          ready ||= event.kind === "READY";
          if (isEcho(event)) echo = event.reason;
          else apply(client, event);
        });
    follow();
    await until(() => shown && ready);
    await seen(() => shown, () => follow("nonsense"));

    const one = () => shown.find(({ id }) => id === generations[0]);
    const writing = rename(client, gql(place.rename), one(), "mine");
    await until(() => one().name === "mine");
    const answer = await writing;
    await until(() => echo);
    steps.push([answer.__typename, echo]);
    const stale = { ...one(), version: 1 };
    const refused = await rename(client, gql(place.rename), stale, "too late");
    await until(() => one().name === "mine");
    steps.push([refused.__typename, refused.changedFields]);
  },
  async urql() {
    const { connect } = await snippet("urql");
    const schema = introspectionFromSchema(buildSchema(place.schema));
    const client = connect(url, token, schema, await socket());
    let shown, ready;
    client.query(gql(place.gallery), variables).subscribe(({ data }) => {
      if (data) shown = data.project.generations.nodes;
    });
    const follow = (after) =>
      client.subscription(gql(place.live), { ...variables, after }).subscribe(({ data }) => {
        ready ||= data.projectChanges.kind === "READY";
      });
    follow();
    await until(() => shown && ready);
    await seen(() => shown, () => follow("nonsense"));
  },
};
await parts[part]();
console.log(JSON.stringify(steps));
process.exit();

/** What a gallery shows when something happens elsewhere, and how often it has asked for it. */
async function seen(shown, resync) {
  const names = () => shown().map(({ name }) => name);
  const step = async (what, done) => {
    const before = requests;
    await what();
    await until(() => done(names()));
    steps.push([names(), requests - before]);
  };
  await step(() => elsewhere("renamed", "theirs"), (found) => found.includes("theirs"));
  await step(() => elsewhere("deleted"), (found) => found.length === generations.length - 1);
  await step(() => console.log("make"), (found) => found.includes("made"));
  const before = requests;
  resync();
  await until(() => requests > before);
  steps.push("asked again");
}

/** Somebody else changes one of the generations, past all that this client notices. */
async function elsewhere(what, name) {
  const [id, last] = [generations[0], generations.at(-1)];
  const input = what === "renamed" ? { id, name } : { ids: [last] };
  const field = what === "renamed" ? "renameGeneration" : "deleteGenerations";
  const kind = `${field[0].toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${kind}!) { ${field}(input: $input) { __typename } }`;
  await asked(query, { input });
}

/** Somebody else changes settings of the project. */
async function set() {
  const query = `mutation ($input: UpdateToolSettingsInput!) {
    updateToolSettings(input: $input) { __typename }
  }`;
  const input = { scope: "PROJECT", id: project, tool: "ui", patch: { theme: "dark" } };
  await asked(query, { input });
}

async function poll(given) {
  return (await asked(place.poll, { ...variables, ...given })).data;
}

async function asked(query, variables) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ query, variables });
  return (await fetched(url, { method: "POST", headers, body })).json();
}

function live(after) {
  return { query: place.live, variables: { ...variables, after } };
}

function event({ data }) {
  return data.projectChanges;
}

async function until(enough) {
  waiting = enough;
  while (!enough()) await later(10);
}
