/** Turso is known by its locks. */
import { expect, test } from "vitest";
import { theFinding } from "../../support/findings.ts";
import { startProgram } from "../../support/program.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { findingIds, lookAt } from "../../support/sqlock.ts";
import { withPackages } from "./install.ts";

test("Turso is named as what it likely is, and so is what to do", async (context) => {
  const { argv, env } = await withPackages(context, "turso.cjs");
  const database = newDatabase("wal");
  const turso = startProgram([...argv, database, "wal", "idle"], env === undefined ? {} : { env });
  await turso.prints(/^ready/m);
  const finding = theFinding(await lookAt(database), "foreign-lock");
  expect(finding).toMatchObject({ severity: "warning", pids: [turso.pid] });
  expect(finding.summary).toContain("likely that of Turso (Limbo)");
  turso.endInput();
  await turso.ends();
  expect(findingIds(await lookAt(database))).not.toContain("foreign-lock");
});
