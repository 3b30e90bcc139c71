import { graphql } from "relay-runtime";

// Opened by an address that knows only an id, of a generation or of a variant.
export const lightbox = graphql`
  query LightboxQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...Lightbox_generation @alias(as: "opened")
      ... on Variant {
        generation {
          ...Lightbox_generation
        }
      }
    }
  }
`;

export const several = graphql`
  query LightboxSeveralQuery($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...Picture_media @alias(as: "picture")
    }
  }
`;

export const generation = graphql`
  fragment Lightbox_generation on Generation
  @refetchable(queryName: "LightboxGenerationQuery") {
    prompt
    model
    params
    byteSize
    ...Picture_media
    ...Lightbox_variants
    ...Lightbox_lineage
    ...Lightbox_derived
  }
`;

export const variants = graphql`
  fragment Lightbox_variants on Generation
  @refetchable(queryName: "LightboxVariantsQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    primaryVariant {
      id
    }
    variants(first: $count, after: $cursor) @connection(key: "Lightbox_variants") {
      edges {
        node {
          isPrimary
          variantType
          viewedAt
          ...Picture_media
        }
      }
    }
  }
`;

export const lineage = graphql`
  fragment Lightbox_lineage on Generation
  @refetchable(queryName: "LightboxLineageQuery")
  @argumentDefinitions(depth: { type: "Int", defaultValue: 3 }) {
    lineage(direction: ANCESTORS, depth: $depth) {
      truncated
      nodes {
        ...Picture_media
      }
      edges {
        source
        target
      }
    }
  }
`;

// Read from its oldest end, page by page towards the newest.
export const derived = graphql`
  fragment Lightbox_derived on Generation
  @refetchable(queryName: "LightboxDerivedQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    derivedItems(last: $count, before: $cursor) @connection(key: "Lightbox_derivedItems") {
      edges {
        node {
          ...Lightbox_derivedItem
        }
      }
    }
  }
`;

export const derivedItem = graphql`
  fragment Lightbox_derivedItem on DerivedItem {
    __typename
    ...Picture_media @alias(as: "picture")
    ... on Generation {
      prompt
    }
    ... on Variant {
      variantType
    }
  }
`;
