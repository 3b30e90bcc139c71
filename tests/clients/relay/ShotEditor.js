import { graphql } from "relay-runtime";

export const shot = graphql`
  query ShotEditorQuery($shot: ID!) {
    shot(id: $shot) {
      name
      statistics {
        positioned
        unpositioned
      }
      ...ShotEditor_entries
      ...ShotEditor_pairs
      ...ShotEditor_outputs
    }
  }
`;

export const entries = graphql`
  fragment ShotEditor_entries on Shot
  @refetchable(queryName: "ShotEditorEntriesQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 100 }
    cursor: { type: "String" }
    placement: { type: "Placement", defaultValue: PLACED }
    mediaType: { type: "MediaType" }
  ) {
    entries(first: $count, after: $cursor, placement: $placement, mediaType: $mediaType)
      @connection(key: "ShotEditor_entries", filters: ["placement", "mediaType"]) {
      edges {
        node {
          ...ShotEditor_entry
        }
      }
    }
  }
`;

export const entry = graphql`
  fragment ShotEditor_entry on ShotEntry @refetchable(queryName: "ShotEditorEntryQuery") {
    position
    timelineFrame
    metadata {
      pairPrompt
      isKeyframe
      locked
      userOverrides
    }
    generation {
      mediaType
      ...Picture_media
    }
  }
`;

export const pairs = graphql`
  fragment ShotEditor_pairs on Shot
  @refetchable(queryName: "ShotEditorPairsQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 50 }, cursor: { type: "String" }) {
    pairs(first: $count, after: $cursor) @connection(key: "ShotEditor_pairs") {
      edges {
        node {
          index
          resolvedPrompt
          start {
            timelineFrame
          }
          end {
            timelineFrame
          }
        }
      }
    }
  }
`;

export const outputs = graphql`
  fragment ShotEditor_outputs on Shot {
    videoOutputs(first: 5) {
      nodes {
        generation {
          ...Picture_media
        }
        slots {
          pair {
            index
          }
          segment {
            ...Picture_media
          }
        }
      }
    }
  }
`;
