// Apollo Client with its normalised cache.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";

/** A client of the gateway. */
export function connected({ address, token }) {
  const client = new ApolloClient({
    link: new HttpLink({ uri: address, headers: { authorization: `Bearer ${token}` } }),
    cache: new InMemoryCache({
      typePolicies: { ToolSettings: { keyFields: ["tool", "projectId", "shotId"] } },
    }),
  });
  return {
    watch(words, seen) {
      const { read, variables } = words;
      const watched = client.watchQuery({ query: gql(read), variables });
      watched.subscribe(({ data, dataState }) => dataState === "complete" && seen(data));
    },
    async write({ write, guess, mutation }, input) {
      const { data } = await client.mutate({
        mutation: gql(write),
        variables: { input },
        optimisticResponse: { __typename: "Mutation", [mutation]: guess(input) },
      });
      return data[mutation].__typename;
    },
  };
}
