// graphql-yoga, dataloader and pg: a loader for each relation, one transaction for each request.
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import pg from "pg";
import { claims } from "./viewers.mjs";

const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE, max: 10 });

const typeDefs = /* GraphQL */ `
  scalar JSON
  type Query { project(id: ID!): Project  generation(id: ID!): Generation }
  type Project {
    id: ID!
    generations(first: Int = 50): Generations!
    shots(first: Int = 50): Shots!
  }
  type Generations { nodes: [Generation!]! }
  type Generation {
    id: ID!
    type: String
    location: String
    thumbnailUrl: String
    starred: Boolean!
    createdAt: String!
    variants(first: Int = 50): Variants!
    shotEntries(first: Int = 50): Entries!
    basedOn: Generation
  }
  type Variants { nodes: [Variant!]! }
  type Variant { id: ID!  location: String!  variantType: String  isPrimary: Boolean! }
  type Entries { nodes: [Entry!]! }
  type Entry {
    id: ID!
    position: Int
    timelineFrame: Int
    metadata: Metadata!
    shot: Shot!
    generation: Generation!
  }
  type Metadata { raw: JSON }
  enum Placement { PLACED UNPOSITIONED ALL }
  type Shots { nodes: [Shot!]! }
  type Shot {
    id: ID!
    name: String!
    entries(first: Int = 50, placement: Placement = ALL): Entries!
    statistics: Statistics!
  }
  type Statistics { total: Int!  positioned: Int!  unpositioned: Int! }
`;

const WANTED = {
  PLACED: "and timeline_frame is not null",
  UNPOSITIONED: "and timeline_frame is null",
  ALL: "",
};

/** The first rows of each parent, numbered by PostgreSQL. */
const paged = (table, key, order, wanted = "") => `
  select * from (
    select *, row_number() over (partition by ${key} order by ${order}) as number
    from ${table} where ${key} = any($1) ${wanted}
  ) as numbered where number <= $2 order by ${key}, number`;

const CLAIM = `
  select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`;
const BY_ID = (table) => `select * from ${table} where id = any($1)`;
const GALLERY = `
  select * from generations
  where project_id = $1 and location is not null and not is_child
  order by created_at desc, id desc limit $2`;
const SHOTS = "select * from shots where project_id = $1 order by position, id limit $2";
const VARIANTS = paged(
  "generation_variants", "generation_id", "is_primary desc, created_at desc, id desc",
);
const PLACES = paged("shot_generations", "generation_id", "created_at, id");
const ENTRIES = Object.fromEntries(
  Object.entries(WANTED).map(([placement, wanted]) => [
    placement, paged("shot_generations", "shot_id", "timeline_frame, created_at, id", wanted),
  ]),
);
const STATISTICS = `
  select shot_id, total_generations::int as total, positioned_count::int as positioned,
    unpositioned_count::int as unpositioned
  from shot_statistics where shot_id = any($1)`;

const names = new Map();

/** Statements are prepared once on each connection. */
function named(text) {
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return { name: names.get(text), text };
}

class Context {
  constructor(client) {
    this.client = client;
    this.loaders = new Map();
  }

  async rows(text, values) {
    return (await this.client.query({ ...named(text), values })).rows;
  }

  one(text, key, id) {
    const found = (rows, ids) => {
      const byKey = new Map(rows.map((row) => [row[key], row]));
      return ids.map((each) => byKey.get(each) ?? null);
    };
    return this.loader(text, [], found).load(id);
  }

  many(text, key, id, first) {
    const found = (rows, ids) => {
      const byKey = Map.groupBy(rows, (row) => row[key]);
      return ids.map((each) => ({ nodes: byKey.get(each) ?? [] }));
    };
    return this.loader(text, [first], found).load(id);
  }

  loader(text, values, found) {
    const name = `${text} ${values}`;
    if (!this.loaders.has(name)) {
      const load = async (ids) => found(await this.rows(text, [ids, ...values]), ids);
      this.loaders.set(name, new DataLoader(load));
    }
    return this.loaders.get(name);
  }
}

const [GENERATION, PROJECT, SHOT] = ["generations", "projects", "shots"].map(BY_ID);

const resolvers = {
  Query: {
    project: (_, { id }, context) => context.one(PROJECT, "id", id),
    generation: (_, { id }, context) => context.one(GENERATION, "id", id),
  },
  Project: {
    generations: async ({ id }, { first }, context) => ({
      nodes: await context.rows(GALLERY, [id, first]),
    }),
    shots: async ({ id }, { first }, context) => ({ nodes: await context.rows(SHOTS, [id, first]) }),
  },
  Generation: {
    thumbnailUrl: (row) => row.thumbnail_url,
    createdAt: (row) => row.created_at.toISOString(),
    variants: ({ id }, { first }, context) => context.many(VARIANTS, "generation_id", id, first),
    shotEntries: ({ id }, { first }, context) => context.many(PLACES, "generation_id", id, first),
    basedOn: (row, _, context) => row.based_on && context.one(GENERATION, "id", row.based_on),
  },
  Variant: { variantType: (row) => row.variant_type, isPrimary: (row) => row.is_primary },
  Entry: {
    timelineFrame: (row) => row.timeline_frame,
    metadata: (row) => ({ raw: row.metadata }),
    shot: (row, _, context) => context.one(SHOT, "id", row.shot_id),
    generation: (row, _, context) => context.one(GENERATION, "id", row.generation_id),
  },
  Shot: {
    entries: ({ id }, { first, placement }, context) =>
      context.many(ENTRIES[placement], "shot_id", id, first),
    statistics: ({ id }, _, context) => context.one(STATISTICS, "shot_id", id),
  },
};

/** One transaction around the whole execution, in the viewer's name. */
const inTransaction = {
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (given) => {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const said = claims(given.contextValue.request.headers.get("authorization"));
        await client.query({ ...named(CLAIM), values: [said] });
        const contextValue = Object.assign(new Context(client), given.contextValue);
        const result = await executeFn({ ...given, contextValue });
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        client.release(error);
        throw error;
      }
    });
  },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [inTransaction],
  graphiql: false,
  landingPage: false,
  logging: "error",
});
createServer(yoga).listen(Number(process.env.PEER_PORT), "127.0.0.1");
