/**
 * `npm run bench`: how long sqlock takes, compared with another command on the same load. The two run in turn (A B A B
 * …); the results are medians and ratios. It starts its own load, needs no network and stops by itself. `npm run bench
 * -- --integrity`, `-- --watch`, `-- --stress`, `-- --record`, `-- --report` and `-- --call-sites` measure these
 * instead.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "../support/hold.ts";
import { benchCallSites } from "./call-sites.ts";
import { benchIntegrity } from "./integrity.ts";
import { BIN, compare, has, peakMemory, ROOT, type Row, show } from "./measure.ts";
import { benchRecord } from "./record.ts";
import { benchReport } from "./report.ts";
import { benchStress } from "./stress.ts";
import { benchWatch } from "./watch.ts";

const SQLOCK = [process.execPath, BIN, "who-holds"];
const NODE = [process.execPath, "-e", "0"];

interface Load {
  readonly folder: string;
  readonly end: () => Promise<void>;
}

async function startLoad(processes: number, files: number, databases: number): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  const child = spawn(
    pythonPath(),
    [join(ROOT, "test/bench/load.py"), folder, processes, files, databases].map(String),
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("the load did not start")));
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  return {
    folder,
    end: async () => {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function main(): Promise<void> {
  const rows: Row[] = [];
  const running = readdirSync("/proc").filter((name) => /^\d/.test(name)).length;
  const ordinary = await startLoad(Math.max(0, 100 - running), 20, 1);
  rows.push(
    compare("some 100 processes, held", [...SQLOCK, join(ordinary.folder, "db0.sqlite3")], NODE, "node -e 0", 1.5, 25),
  );
  await ordinary.end();

  const many = await startLoad(Math.max(0, 100 - running), 20, 50);
  const fifty = Array.from({ length: 50 }, (_, i) => join(many.folder, `db${i}.sqlite3`));
  rows.push(
    compare(
      "50 databases in one call",
      [...SQLOCK, ...fifty],
      [...SQLOCK, ...fifty.slice(0, 1)],
      "one database",
      1.3,
      25,
    ),
  );
  await many.end();

  const large = await startLoad(1000, 100, 1);
  const database = join(large.folder, "db0.sqlite3");
  const work = "1,000 processes x 100 files";
  if (has("fuser")) rows.push(compare(work, [...SQLOCK, database], ["fuser", "-v", database], "fuser -v", 0.7, 9));
  else console.log("skipped: fuser is not installed (psmisc)");
  if (has("lsof")) rows.push(compare(work, [...SQLOCK, database], ["lsof", database], "lsof FILE", 0.2, 5));
  else console.log("skipped: lsof is not installed");
  rows.push(compare(`${work}, --locks-only`, [...SQLOCK, "--locks-only", database], NODE, "node -e 0", 1.4, 25));
  const ours = await peakMemory([...SQLOCK, database]);
  const theirs = await peakMemory(NODE);
  rows.push({
    work: "peak memory, 100,000 open files",
    result: `${ours.toFixed(0)} MiB, node -e 0: ${theirs.toFixed(0)} MiB`,
    target: "<= node -e 0 + 30 MiB",
    met: ours <= theirs + 30,
  });
  await large.end();

  show(rows);
}

await (process.argv.includes("--integrity")
  ? benchIntegrity()
  : process.argv.includes("--watch")
    ? benchWatch()
    : process.argv.includes("--stress")
      ? benchStress()
      : process.argv.includes("--record")
        ? benchRecord()
        : process.argv.includes("--report")
          ? benchReport()
          : process.argv.includes("--call-sites")
            ? benchCallSites()
            : main());
