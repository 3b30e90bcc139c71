"""The reference queries: a gallery page, nested pages, one row."""

GALLERY = """
query Gallery($project: ID!, $first: Int = 50, $after: String) {
  project(id: $project) { generations(first: $first, after: $after) { nodes {
    id type location thumbnailUrl starred createdAt
    variants(first: 5) { nodes { id location variantType isPrimary } }
    shotEntries { nodes { position timelineFrame shot { id name } } }
    basedOn { id thumbnailUrl } } } }
}
"""

SHOTS = """
query Shots($project: ID!) { project(id: $project) { shots(first: 20) { nodes {
  id name
  entries(first: 10, placement: PLACED) { nodes {
    id timelineFrame metadata { raw } generation { id location } } }
  statistics { total positioned unpositioned } } } } }
"""

ONE = "query One($generation: ID!) { generation(id: $generation) { id location createdAt } }"
