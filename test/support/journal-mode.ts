/** `sqlock journal-mode`, as a user runs it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { JournalModeReport } from "../../src/features/journal-mode/report.ts";
import type { Json } from "./json.ts";
import { expectToFit } from "./schema.ts";
import { type RunOptions, sqlock } from "./sqlock.ts";
import { until } from "./until.ts";

export type Answer = Json<JournalModeReport> & { readonly code: number | undefined };

export async function journalMode(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  const { code, stdout, stderr } = await sqlock(["journal-mode", "--json", ...args], options);
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  const report = JSON.parse(stdout) as Json<JournalModeReport>;
  expectToFit("journal-mode", report);
  return { ...report, code };
}

/** As the header of the file says. */
export function modeOfFile(database: string): "wal" | "delete" {
  const [write, read] = readFileSync(database).subarray(18, 20);
  if (write !== read || (read !== 1 && read !== 2)) throw new Error(`versions ${write} and ${read}`);
  return read === 2 ? "wal" : "delete";
}

/** The bytes of all files of the folder but of -shm, whose read marks may move; folders in it are left out. */
export function bytesOfFolder(database: string): Record<string, string> {
  const folder = dirname(database);
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() || entry.name.endsWith("-shm") ? [] : entry.name,
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

/** The pid of the worker that has a database open; undefined before and after. */
export function workerOn(database: string): number | undefined {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sqlock journal-mode")) continue;
      if (readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === database))
        return Number(pid);
    } catch {
      // it has ended
    }
  }
  return undefined;
}

/** From then on the switch waits for the holders that block it. */
export function untilWorkerOn(database: string): Promise<number> {
  return until("the worker has the database open", () => workerOn(database));
}
