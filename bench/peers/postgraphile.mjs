// PostGraphile 5 over the same tables, with the viewer's role and claims in every transaction.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { addPgTableCondition } from "postgraphile/utils";
import { claims } from "./viewers.mjs";

const schemaName = "public";

// What its lists cannot be asked otherwise: without the first, no index serves a gallery.
const InGallery = addPgTableCondition(
  { schemaName, tableName: "generations" },
  "inGallery",
  ({ sql, graphql: { GraphQLBoolean } }) => ({
    type: GraphQLBoolean,
    apply($condition) {
      const { alias } = $condition;
      $condition.where(sql`${alias}.location is not null and not ${alias}.is_child`);
    },
  }),
);
const Placed = addPgTableCondition(
  { schemaName, tableName: "shot_generations" },
  "placed",
  ({ sql, graphql: { GraphQLBoolean } }) => ({
    type: GraphQLBoolean,
    apply($condition, placed) {
      const frame = sql`${$condition.alias}.timeline_frame`;
      $condition.where(placed ? sql`${frame} is not null` : sql`${frame} is null`);
    },
  }),
);
// Functions are for the gateway; some would have the names of what is made from the tables.
const TablesAlone = {
  name: "TablesAlone",
  schema: {
    entityBehavior: {
      pgResource: {
        override: (behavior, { parameters }) =>
          parameters ? [behavior, "-queryField", "-mutationField", "-typeField"] : behavior,
      },
    },
  },
};

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [InGallery, Placed, TablesAlone],
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: { defaultBehavior: "+list +connection" },
  pgServices: [
    makePgService({
      connectionString: process.env.PEER_DATABASE,
      schemas: [schemaName],
      poolConfig: { max: 10 },
    }),
  ],
  grafast: {
    explain: false,
    context: ({ node }) => ({
      pgSettings: {
        role: "authenticated",
        "request.jwt.claims": claims(node.req.headers.authorization),
      },
    }),
  },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.env.PEER_PORT), "127.0.0.1");
