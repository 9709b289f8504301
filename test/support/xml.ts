/** XML held against its schema by libxml2. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { validateXML } from "xmllint-wasm";

const SCHEMA = readFileSync(new URL("../fixtures/schemas/jenkins-junit.xsd", import.meta.url), "utf8");

/** Fails the test when one of the documents is not well-formed, or does not fit the schema of Jenkins. */
export async function expectJunit(...documents: readonly string[]): Promise<void> {
  const xml = documents.map((contents, i) => ({ fileName: `${i}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: [SCHEMA] });
  expect(errors.map(({ rawMessage }) => rawMessage)).toEqual([]);
}
