/** What `report --advice mattn` prints has the effect that it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ADVISED_EFFECTS, advisedCode } from "../../support/advised.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { program } from "./build.ts";

const SOURCE = readFileSync(join(import.meta.dirname, "settings-mattn/main.go"), "utf8");

test("github.com/mattn/go-sqlite3", async (context) => {
  const { timeout, immediate, wal, checkpoint, connection } = advisedCode("mattn");
  // What cannot be given as an argument is in the program, as it is printed.
  for (const line of [...checkpoint.split("\n"), connection]) expect(SOURCE).toContain(line.trim());
  const names = [timeout, immediate, wal].map((code) => /^sql\.Open\("sqlite3", "(.*)"\)$/.exec(code)?.[1] ?? "");
  const { argv } = await program(context, "settings-mattn");
  const { stdout } = await execa(argv[0] ?? "", [await newDatabase("delete"), ...names]);
  expect(JSON.parse(stdout)).toEqual(ADVISED_EFFECTS);
});
