/**
 * sqlock beside writers: it must call nothing corrupt that they are in the middle of, and must not get in their way.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import Database from "better-sqlite3";
import { execa } from "execa";
import type { DatabaseCheck } from "../../src/features/integrity/report.ts";
import { pythonPath } from "../support/hold.ts";
import { ROOT } from "../support/root.ts";

/**
 * closing: every transaction in a connection of its own, so that at moments nobody has the database open and its -wal
 * comes and goes.
 */
export const LOADS = [
  { name: "rollback", journalMode: "delete", closing: false },
  { name: "wal", journalMode: "wal", closing: false },
  { name: "wal, closing", journalMode: "wal", closing: true },
] as const;

const WRITERS = 2;

export interface LoadResult {
  readonly name: string;
  /** How often each answer came: `in-place ok`, `backup ok`, `not looked at, not-checked (locked)`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Entries that call the database corrupt: it never is. */
  readonly corrupt: readonly DatabaseCheck[];
  readonly commits: number;
  /** Commits of the writers that are not in the database afterwards. */
  readonly lost: number;
  readonly writerErrors: Readonly<Record<string, number>>;
  readonly longestTransactionMs: number;
  /** SQLite's words on the database when all is over; empty when it is whole. */
  readonly afterwards: readonly string[];
}

/** All three at once, each with a database and writers of its own. */
export async function load(seconds: number): Promise<LoadResult[]> {
  return Promise.all(LOADS.map((kind) => underLoad(kind, seconds)));
}

async function underLoad({ name, journalMode, closing }: (typeof LOADS)[number], seconds: number): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-load-"));
  const path = join(folder, "db.sqlite3");
  makeDatabase(path, journalMode);
  const writers = await Promise.all(Array.from({ length: WRITERS }, (_, i) => startWriter(path, closing, i)));
  const answers: Record<string, number> = {};
  const corrupt: DatabaseCheck[] = [];
  try {
    const end = performance.now() + seconds * 1000;
    for (let i = 0; performance.now() < end; i++) {
      const entry = await check(path, i % 2 === 1);
      const key =
        `${entry.method ?? "not looked at"} ${entry.verdict}` +
        (entry.reasonCode === null ? "" : ` (${entry.reasonCode})`);
      answers[key] = (answers[key] ?? 0) + 1;
      if (entry.verdict === "corrupt") corrupt.push(entry);
    }
    const told = await Promise.all(writers.map((writer) => writer.end()));
    const { commits, words } = stateOf(path);
    const committed = told.reduce((sum, writer) => sum + writer.commits, 0);
    return {
      name,
      answers,
      corrupt,
      commits: committed,
      lost: committed - commits,
      writerErrors: sumOf(told.map(({ errors }) => errors)),
      longestTransactionMs: Math.max(...told.map(({ longestMs }) => longestMs)),
      afterwards: words,
    };
  } finally {
    for (const writer of writers) await writer.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeDatabase(path: string, journalMode: string): void {
  const database = new Database(path);
  database.pragma(`journal_mode=${journalMode}`);
  database.exec(`create table parent(id integer primary key autoincrement, writer integer not null, note text);
    create table child(id integer primary key, parent_id integer not null references parent(id), n integer, data text);
    create index child_parent on child(parent_id); create index child_n on child(n, data);
    create table counted(commits integer); insert into counted values (0);`);
  database.close();
}

function stateOf(path: string): { readonly commits: number; readonly words: readonly string[] } {
  const database = new Database(path);
  try {
    const rows = database.prepare<[], string>("pragma integrity_check").pluck().all();
    return {
      commits: Number(database.prepare("select commits from counted").pluck().get()),
      words: rows.filter((row) => row !== "ok"),
    };
  } finally {
    database.close();
  }
}

async function check(path: string, copy: boolean): Promise<DatabaseCheck> {
  const { stdout, stderr } = await execa(
    process.execPath,
    [join(ROOT, "bin/sqlock.js"), "integrity", "--json", ...(copy ? ["--copy"] : []), path],
    {
      reject: false,
      timeout: 60_000,
      stdin: "ignore",
    },
  );
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  const [entry] = (JSON.parse(stdout) as { databases: DatabaseCheck[] }).databases;
  if (entry === undefined) throw new Error("no entry");
  return entry;
}

interface Told {
  readonly commits: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly longestMs: number;
}

async function startWriter(path: string, closing: boolean, seed: number) {
  const args = ["-S", join(ROOT, "test/damage/writer.py"), path, closing ? "closing" : "staying", String(seed)];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(pythonPath(), args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, "exit");
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error("a writer ended");
    return line.value;
  };
  await next();
  return {
    end: async (): Promise<Told> => {
      child.stdin.end();
      const told = JSON.parse(await next()) as Told;
      await exited;
      return told;
    },
    kill: async (): Promise<void> => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, count] of all.flatMap((one) => Object.entries(one))) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
