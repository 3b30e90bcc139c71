// urql with Graphcache, its normalised cache.
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { subscribe } from "wonka";

const embedded = () => null;

/** A client of the gateway; `all` are the mutations that it makes guesses for. */
export function connected({ address, token }, all) {
  const guesses = all.map(({ mutation, guess }) => [mutation, ({ input }) => guess(input)]);
  const client = new Client({
    url: address,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      cacheExchange({
        keys: {
          ToolSettings: ({ tool, projectId, shotId }) => `${tool} ${projectId} ${shotId}`,
          SettingsLayers: embedded,
          SettingsLayer: embedded,
          GenerationChanged: embedded,
          ToolSettingsChanged: embedded,
          Conflict: embedded,
          ValidationFailed: embedded,
        },
        optimistic: Object.fromEntries(guesses),
      }),
      fetchExchange,
    ],
  });
  return {
    watch({ read, variables }, seen) {
      subscribe(({ data }) => data && seen(data))(client.query(gql(read), variables));
    },
    async write({ write, mutation }, input) {
      const { data } = await client.mutation(gql(write), { input });
      return data[mutation].__typename;
    },
  };
}
