// Reads a schema on standard input as Apollo, urql and the like do; prints what is wrong with it.
import { readFileSync } from "node:fs";
import {
  assertValidSchema,
  buildClientSchema,
  buildSchema,
  introspectionFromSchema,
  printSchema,
} from "graphql";

const text = readFileSync(0, "utf8");
const schema = buildSchema(text);
assertValidSchema(schema);
const introspected = buildClientSchema(introspectionFromSchema(schema));

if (printSchema(schema).trim() !== text.trim()) {
  console.log("GraphQL.js prints it differently.");
}
if (printSchema(introspected) !== printSchema(schema)) {
  console.log("Introspection does not tell all of it.");
}
