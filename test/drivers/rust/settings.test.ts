/** What `report --advice` prints for rusqlite and sqlx has the effect that it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ADVISED_EFFECTS, advisedCode } from "../../support/advised.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { program } from "./build.ts";

test.for(["rusqlite", "sqlx"] as const)("%s", async (name, context) => {
  const source = readFileSync(join(import.meta.dirname, `src/bin/settings-${name}.rs`), "utf8");
  for (const code of Object.values(advisedCode(name))) expect(source).toContain(code);
  const { stdout } = await execa(await program(context, `settings-${name}`), [await newDatabase("delete")]);
  expect(JSON.parse(stdout)).toEqual(ADVISED_EFFECTS);
});
