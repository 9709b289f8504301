/**
 * `npm run check`: nothing in src/ imports what it must not (rules.ts). Cycles are Biome's to find (biome.json).
 * dependency-cruiser would be the tool; it reads TypeScript with TypeScript's own API, which version 7 does not have.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { impuritiesOf, violationsOf } from "./check.ts";
import { importsOf } from "./read.ts";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const imports = files.flatMap((path) => importsOf(path, readFileSync(join("src", path), "utf8")));
const violations = [...violationsOf(imports), ...impuritiesOf(imports)];
for (const violation of violations.sort()) console.error(violation);
if (violations.length > 0) {
  console.error(`${violations.length} imports are against the rules: see scripts/imports/rules.ts`);
  process.exitCode = 1;
}
