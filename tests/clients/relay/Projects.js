import { graphql } from "relay-runtime";

export const projects = graphql`
  query ProjectsQuery {
    viewer {
      name
      onboarding {
        completed
        currentStep
      }
      ...Projects_viewer
    }
  }
`;

export const projectsPage = graphql`
  fragment Projects_viewer on User
  @refetchable(queryName: "ProjectsPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    projects(first: $count, after: $cursor) @connection(key: "Projects_projects") {
      edges {
        node {
          name
          thumbnail {
            ...Picture_media
          }
        }
      }
    }
  }
`;
