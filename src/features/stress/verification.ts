/** After the load: compares the table with the ledger, and has the database checked by integrity. */
import { pinFile } from "../../safe-open/pins.ts";
import { checkOne } from "../integrity/check-one.ts";
import { WORTHWHILE_MERGES } from "../integrity/protocol.ts";
import type { WriterCommits } from "./compare.ts";
import { refusalError, timeoutError } from "./errors.ts";
import { runJob } from "./jobs.ts";
import { isOutOfTime, type Verification } from "./result.ts";
import type { Settings } from "./settings.ts";
import type { PreparedDatabase, StressDatabase } from "./stress-database.ts";
import { UnusableDatabase } from "./unusable-database.ts";

const OPTIONS = {
  quick: false,
  exact: true,
  merges: WORTHWHILE_MERGES,
  foreignKeys: false,
  maxProblems: 10,
  copy: false,
  allowCompanions: true,
  waitMs: 30_000,
};

/** @throws UserError where it cannot be read, or not in time */
export async function verify(
  { table, givenAs, timeoutMs }: StressDatabase,
  { path, file }: PreparedDatabase,
  { seed, rows }: Settings,
  writers: readonly WriterCommits[],
): Promise<Verification> {
  const options = { givenAs: givenAs ?? path, timeoutMs };
  const { comparison } = await runJob({ kind: "verify", path, file, table, seed, rows, writers }, options);
  const check = await checkOne(path, { ...OPTIONS, timeoutMs });
  const pin = pinFile(check.path, "");
  if (String(pin?.device) !== file.device || String(pin?.inode) !== file.inode)
    throw refusalError({ kind: "other-file" }, options.givenAs);
  return { ...comparison, integrity: check.verdict, check };
}

/** Before the load: a database that is corrupt already is not used. @throws UnusableDatabase, and UserError */
export async function refuseCorrupt({ givenAs, inPlace, copy, timeoutMs }: StressDatabase): Promise<void> {
  const path = inPlace?.name ?? copy;
  if (path === null || givenAs === null) return;
  const check = await checkOne(path, { ...OPTIONS, timeoutMs });
  if (isOutOfTime(check)) throw timeoutError("check", givenAs, timeoutMs);
  if (check.verdict === "corrupt") throw new UnusableDatabase("corrupt", givenAs, check);
}
