/** After the load: compares the table with the ledger, and has the database checked by integrity. */
import { checkDatabase } from "../integrity/check-database.ts";
import type { WriterCommits } from "./compare.ts";
import { runJob } from "./jobs.ts";
import type { Verification } from "./result.ts";
import type { Settings } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { UnusableDatabase } from "./unusable-database.ts";

const OPTIONS = {
  quick: false,
  foreignKeys: false,
  maxProblems: 10,
  copy: false,
  allowCompanions: true,
  waitMs: 30_000,
  timeoutMs: 3_600_000,
};

/** `path`: the database of the load. @throws UserError where it cannot be read */
export async function verify(
  { table, givenAs }: StressDatabase,
  path: string,
  { seed, rows }: Settings,
  writers: readonly WriterCommits[],
): Promise<Verification> {
  const { comparison } = await runJob({ kind: "verify", path, table, seed, rows, writers }, givenAs ?? path);
  const check = await checkDatabase(path, OPTIONS, null);
  return { ...comparison, integrity: check.verdict, check };
}

/** Before the load: a database that is corrupt already is not used. @throws UnusableDatabase */
export async function refuseCorrupt({ givenAs, inPlace, copy }: StressDatabase): Promise<void> {
  const path = inPlace ?? copy;
  if (path === null || givenAs === null) return;
  const check = await checkDatabase(path, OPTIONS, null);
  if (check.verdict === "corrupt") throw new UnusableDatabase("corrupt", givenAs, check);
}
