// Plays somebody who follows a project whatever happens to the connection; prints what they hear.
//
// node live.mjs KIND GUIDE < {"address", "token", "project", "live", "schema"}
// KIND is one of those below, GUIDE the folder of the guide's snippets.
import { readFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gql } from "@urql/core";
import { buildSchema, introspectionFromSchema } from "graphql";
import { WebSocket } from "ws";

const [kind, guide] = process.argv.slice(2);
const snippet = (name) => import(pathToFileURL(`${guide}/${name}.js`));
const { address, token, project, live, schema } = JSON.parse(readFileSync(0, "utf8"));

const url = `${address}/graphql`;
const known = async () => token;
const variables = { projectId: project };
const heard = { next: ({ data }) => tell(data), error: failed, complete: failed };

globalThis.WebSocket ??= WebSocket;
const socket = async () => (await snippet("socket")).open(url.replace("http", "ws"), known);
const stream = async (url) => (await snippet("stream")).open(url, known);

const kinds = {
  async "graphql-ws"() {
    (await socket()).subscribe({ query: live, variables }, heard);
  },
  async "graphql-sse"() {
    (await stream(url)).subscribe({ query: live, variables }, heard);
  },
  async "graphql-sse, one stream"() {
    (await stream(`${url}/stream`)).subscribe({ query: live, variables }, heard);
  },
  async apollo() {
    const { connect } = await snippet("apollo");
    const client = connect(url, token, await socket());
    client.subscribe({ query: gql(live), variables }).subscribe(heard);
  },
  async urql() {
    const { connect } = await snippet("urql");
    const client = connect(url, token, introspection(), await socket());
    client.subscription(gql(live), variables).subscribe(({ data, error }) => {
      if (error) failed(error);
      else tell(data);
    });
  },
  /** With fetch alone urql does not come back by itself: it is asked again. */
  async "urql, event streams"() {
    const { connect } = await snippet("urql");
    const client = connect(url, token, introspection());
    const follow = (after) => {
      const asked = client.subscription(gql(live), { ...variables, after });
      asked.subscribe(({ data, hasNext }) => {
        if (hasNext) after = tell(data);
        else later(100).then(() => follow(after));
      });
    };
    follow();
  },
};
await kinds[kind]();

function introspection() {
  return introspectionFromSchema(buildSchema(schema));
}

function tell({ projectChanges: event }) {
  console.log(JSON.stringify(event));
  return event.cursor;
}

function failed(error) {
  console.error(error);
  process.exit(1);
}
