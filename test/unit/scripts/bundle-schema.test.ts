import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { bundled } from "../../../scripts/bundle-schema.ts";

const OTHER = {
  $id: "urn:other",
  type: "object",
  properties: { unused: { type: "string" }, size: { type: "object", properties: { bytes: { type: "integer" } } } },
  $defs: {
    name: { $ref: "#/$defs/word" },
    word: { type: "string", description: "its words" },
    unused: { type: "null" },
  },
};

test("what is used of another schema, with what that uses, at the same place", () => {
  const schema = {
    $id: "urn:one",
    properties: { a: { $ref: "urn:other#/$defs/name" }, b: { $ref: "urn:other#/properties/size/properties/bytes" } },
    $defs: { own: { $ref: "#/$defs/own" } },
    title: "one",
  };
  expect(bundled({ ...schema, description: "words" }, [OTHER, schema])).toEqual({
    ...schema,
    $defs: {
      own: { $ref: "#/$defs/own" },
      "urn:other": {
        $id: "urn:other",
        type: "object",
        properties: { size: { type: "object", properties: { bytes: { type: "integer" } } } },
        $defs: { name: { $ref: "#/$defs/word" }, word: { type: "string" } },
      },
    },
  });
  expect(bundled(OTHER, [OTHER, schema])).toBeNull();
});

test("a property that is called description stays", () => {
  const schema = { properties: { description: { $ref: "urn:other#/$defs/word" } } };
  expect(bundled(schema, [OTHER])).toMatchObject(schema);
});

test("a reference that leads nowhere", () => {
  expect(() => bundled({ $ref: "urn:other#/$defs/none" }, [OTHER])).toThrow("urn:other#/$defs/none leads nowhere");
  expect(() => bundled({ $ref: "urn:none#/$defs/a" }, [OTHER])).toThrow("there is no schema urn:none");
});

const PUBLISHED = readdirSync("docs").filter((name) => name.endsWith(".schema.json"));
const BUNDLED = readdirSync("docs/bundled");

test.each(PUBLISHED)("%s can be used alone, or its bundled form can", (name) => {
  const path = BUNDLED.includes(name) ? `docs/bundled/${name}` : `docs/${name}`;
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const schema = JSON.parse(readFileSync(path, "utf8"));
  expect(ajv.compile(schema)).toBeTypeOf("function");
  expect(schema.$id).toBe(`urn:sqlock:${name.replace(".schema.json", "")}:1`);
});

test("no bundled form is left of a schema that needs none", () => {
  const refers = PUBLISHED.filter((name) => /"\$ref": "urn:/.test(readFileSync(`docs/${name}`, "utf8")));
  expect(BUNDLED).toEqual(refers);
});
