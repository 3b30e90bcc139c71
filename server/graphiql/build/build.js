// Bundles GraphiQL with everything it needs: the page loads nothing from elsewhere.
import { build } from "esbuild";

await build({
  entryPoints: { graphiql: "page.jsx" },
  outdir: "..",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" },
});
