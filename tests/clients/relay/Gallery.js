import { graphql } from "relay-runtime";

export const gallery = graphql`
  query GalleryQuery($project: ID!, $filter: GalleryFilter, $order: GalleryOrder) {
    project(id: $project) {
      name
      statistics {
        generations
        starred
      }
      facets(filter: $filter) {
        total
        mediaTypes {
          value
          count
        }
        models {
          value
          count
        }
      }
      ...Gallery_project @arguments(filter: $filter, order: $order)
    }
  }
`;

export const galleryPage = graphql`
  fragment Gallery_project on Project
  @refetchable(queryName: "GalleryPageQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 50 }
    cursor: { type: "String" }
    filter: { type: "GalleryFilter" }
    order: { type: "GalleryOrder", defaultValue: { by: STARRED_FIRST } }
  ) {
    generations(first: $count, after: $cursor, filter: $filter, order: $order)
      @connection(key: "Gallery_generations", filters: ["filter", "order"]) {
      totalCount {
        value
        exact
      }
      edges {
        node {
          ...Gallery_item
        }
      }
    }
  }
`;

export const item = graphql`
  fragment Gallery_item on Generation {
    mediaType
    starred
    createdAt
    variantCount
    unviewedVariantCount
    basedOn {
      id
    }
    ...Picture_media
  }
`;
