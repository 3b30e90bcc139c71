// What both clients ask of the gateway, and what they guess before it answers.

const SHOWN = {
  generation: "id name version",
  settings: "tool projectId shotId value layers { shot { value version } }",
};
const told = (type, name) => `__typename
  ... on ${type} { ${name} { ${SHOWN[name]} } }
  ... on ValidationFailed { code message }
  ... on Conflict { code message changedFields current {
    ... on Generation { ${SHOWN.generation} } ... on ToolSettings { ${SHOWN.settings} } } }`;

/** Everything about a generation's name. */
export const generation = ({ generation: id }) => ({
  read: `query ($id: ID!) { generation(id: $id) { ${SHOWN.generation} } }`,
  variables: { id },
  write: `mutation ($input: RenameGenerationInput!) {
    renameGeneration(input: $input) { ${told("GenerationChanged", "generation")} } }`,
  input: (text, expectedVersion) => ({ id, name: text, expectedVersion }),
  guess: (input) => ({
    __typename: "GenerationChanged",
    generation: {
      __typename: "Generation",
      id,
      name: input.name,
      version: input.expectedVersion + 1,
    },
  }),
  shown: ({ generation }) => [generation.name, generation.version],
  mutation: "renameGeneration",
});

/** Everything about a text in a tool's settings for a shot. */
export const settings = ({ project, shot }) => ({
  read: `query ($tool: String!, $shot: ID!) {
    toolSettings(tool: $tool, shotId: $shot) { ${SHOWN.settings} } }`,
  variables: { tool: "tool", shot },
  write: `mutation ($input: UpdateToolSettingsInput!) {
    updateToolSettings(input: $input) { ${told("ToolSettingsChanged", "settings")} } }`,
  input: (text, expectedVersion) => ({
    ...{ scope: "SHOT", id: shot, tool: "tool", expectedVersion },
    patch: { text },
  }),
  guess: (input) => ({
    __typename: "ToolSettingsChanged",
    settings: {
      ...{ __typename: "ToolSettings", tool: "tool", projectId: project, shotId: shot },
      value: input.patch,
      layers: {
        __typename: "SettingsLayers",
        shot: {
          __typename: "SettingsLayer",
          value: input.patch,
          version: input.expectedVersion + 1,
        },
      },
    },
  }),
  shown: ({ toolSettings: { value, layers } }) => [value.text, layers.shot.version],
  mutation: "updateToolSettings",
});
