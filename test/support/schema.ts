/** The published JSON Schemas, strictly: a document that has more than they name does not fit. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";

function schemaOf(command: string, folder = "docs"): unknown {
  return JSON.parse(readFileSync(new URL(`../../${folder}/${command}.schema.json`, import.meta.url), "utf8"));
}

/** Users may get more fields one day; a test that let through more than the schema names would let it fall behind. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  return "properties" in schema
    ? Object.fromEntries([...entries, ["additionalProperties", false]])
    : Object.fromEntries(entries);
}

/** Of these commands. */
export const SCHEMAS = [
  "who-holds",
  "explain",
  "integrity",
  "journal-mode",
  "kill",
  "watch",
  "stress",
  "record",
  "report",
  "advice",
  "compare",
] as const;

const checks = new Map<string, ValidateFunction>();

function checkOf(command: (typeof SCHEMAS)[number]): ValidateFunction {
  const known = checks.get(command);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  for (const each of SCHEMAS.filter((name) => name !== command)) ajv.addSchema(closed(schemaOf(each)) as object);
  const check = ajv.compile(closed(schemaOf(command)) as object);
  checks.set(command, check);
  return check;
}

/** The same by the bundled form alone, as docs/json.md has it. */
export function expectToFitBundle(command: (typeof SCHEMAS)[number], document: unknown): void {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const check = ajv.compile(closed(schemaOf(command, "docs/bundled")) as object);
  check(document);
  expect(check.errors).toBeNull();
}

/** Fails the test when the document of that command does not fit its schema. */
export function expectToFit(command: (typeof SCHEMAS)[number], document: unknown): void {
  const check = checkOf(command);
  const fits = check(document);
  expect(check.errors, fits ? command : `${command}: ${JSON.stringify(document)}`).toBeNull();
}
