/**
 * `npm run bench -- --integrity`: sqlock integrity beside the sqlite3 shell, on databases of 1 GB that are made for it
 * and removed, and on many small ones (`--many 5000`: these alone). Everything is in the kernel's page cache before it
 * is timed. Some 20 minutes; `--rounds 1` and `--megabytes 100` for a first look.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchMany } from "./integrity-many.ts";
import { makeLargeDatabase } from "./large-database.ts";
import { BIN, has, median, peakMemory, ROOT, type Row, show, wallMs } from "./measure.ts";

const PRAGMAS = "PRAGMA integrity_check; PRAGMA foreign_key_check;";

/** The same SQLite as that of sqlock, alone in one process. */
const BARE = `const Database = require(${JSON.stringify(join(ROOT, "node_modules/better-sqlite3"))});
const db = new Database(process.argv[1], { readonly: true });
db.pragma("integrity_check"); db.pragma("foreign_key_check"); db.close();`;

export async function benchIntegrity(): Promise<void> {
  if (!has("sqlite3")) {
    console.log("skipped: sqlite3 is not installed");
    return;
  }
  const { values } = parseArgs({
    options: {
      integrity: { type: "boolean" },
      env: { type: "boolean" },
      rounds: { type: "string", default: "3" },
      megabytes: { type: "string", default: "1000" },
      many: { type: "string" },
    },
  });
  const rounds = Number(values.rounds);
  const many = await benchMany(rounds, Number(values.many ?? 5000), values.many !== undefined);
  if (values.many !== undefined) return show(many);
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  try {
    const [one, two] = [join(folder, "one.sqlite3"), join(folder, "two.sqlite3")];
    makeLargeDatabase(one, Number(values.megabytes) * 1e6);
    copyFileSync(one, two);
    for (const path of [one, two]) execFileSync("cat", [path], { stdio: "ignore" });
    console.log(
      `${execFileSync("sqlite3", ["--version"], { encoding: "utf8" }).split(" ")[0]} is the shell's SQLite, ` +
        `${sqliteOfSqlock()} is sqlock's; ${rounds} rounds`,
    );
    show([...many, ...(await oneDatabase(one, rounds)), ...twoDatabases(one, two, rounds)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function oneDatabase(path: string, rounds: number): Promise<Row[]> {
  const ours = sqlock(path);
  const [sqlockMs, shellMs, bareMs] = inTurn([ours, shell(path), [process.execPath, "-e", BARE, path]], rounds);
  const memory = await peakMemory(ours);
  return [
    row("one database", sqlockMs, shellMs, "the shell", 1.05),
    row("the same, beside better-sqlite3 alone", sqlockMs, bareMs, "better-sqlite3", 1.05),
    row("better-sqlite3 alone, beside the shell", bareMs, shellMs, "the shell", 1.05),
    {
      work: "peak memory of all its processes",
      result: `${memory.toFixed(0)} MiB`,
      target: "<= 200 MB",
      met: memory * 1.048576 <= 200,
    },
  ];
}

function twoDatabases(one: string, two: string, rounds: number): Row[] {
  const [sqlockMs, shellMs] = inTurn(
    [sqlock(one, two), ["sh", "-c", `sqlite3 '${one}' '${PRAGMAS}'; sqlite3 '${two}' '${PRAGMAS}'`]],
    rounds,
  );
  return [row("two databases", sqlockMs, shellMs, "the shell, one after the other", 0.6)];
}

function sqlock(...paths: readonly string[]): string[] {
  return [process.execPath, BIN, "integrity", ...paths];
}

function shell(path: string): string[] {
  return ["sqlite3", path, PRAGMAS];
}

/** A B C A B C …; the median of each. */
function inTurn(commands: readonly (readonly string[])[], rounds: number): number[] {
  const times = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, command] of commands.entries()) times[i]?.push(wallMs(command));
  return times.map(median);
}

function row(work: string, ours = Number.NaN, theirs = Number.NaN, name: string, most: number): Row {
  const ratio = ours / theirs;
  return {
    work,
    result: `${(ours / 1000).toFixed(1)} s / ${(theirs / 1000).toFixed(1)} s = ${ratio.toFixed(2)}`,
    target: `<= ${most} x ${name}`,
    met: ratio <= most,
  };
}

function sqliteOfSqlock(): string {
  const header = readFileSync(join(ROOT, "node_modules/better-sqlite3/deps/sqlite3/sqlite3.h"), "utf8");
  return /SQLITE_VERSION\s+"([\d.]+)"/.exec(header)?.[1] ?? "?";
}
