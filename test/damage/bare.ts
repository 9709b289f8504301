/** What SQLite itself says of a database, without sqlock. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../support/root.ts";

/** `refused`: SQLite does not call it damaged, but does not check all of it either. */
export type BareVerdict = "ok" | "corrupt" | "not-a-database" | "refused" | "timeout" | "crash";

export interface BareAnswer {
  readonly verdict: BareVerdict;
  readonly words: readonly string[];
  /** The rows of the pragma for the structure; null where an error ended it: sqlock goes on with the rest. */
  readonly rows: readonly string[] | null;
}

interface ChildAnswer {
  readonly structure: readonly string[];
  /** Not by an error. */
  readonly ended: boolean;
  readonly foreignKeys: number;
  readonly errors: readonly { readonly code?: string; readonly message: string }[];
}

const LIMIT_MS = 60_000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** One process for many databases; a new one after a crash or a time-out. */
export class BareSqlite {
  #child: Child | null = null;
  #lines: AsyncIterator<string> | null = null;
  readonly #pragma: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "sqlock-bare-"));

  constructor(pragma: "integrity_check" | "quick_check") {
    this.#pragma = pragma;
  }

  /** Checks a copy: an open for writing may change the files. */
  async check(path: string): Promise<BareAnswer> {
    const copy = join(this.#folder, "db.sqlite3");
    for (const suffix of ["", "-wal", "-shm", "-journal"]) {
      rmSync(copy + suffix, { force: true });
      if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
    }
    const { child, lines } = this.#running();
    child.stdin.write(`${copy}\n`);
    const answered = new AbortController();
    const line = await Promise.race([
      lines.next(),
      sleep(LIMIT_MS, "late" as const, { signal: answered.signal }).catch(() => "late" as const),
    ]);
    answered.abort();
    if (line === "late" || line.done === true) {
      this.#stop();
      return { verdict: line === "late" ? "timeout" : "crash", words: [], rows: null };
    }
    return verdictOf(JSON.parse(line.value) as ChildAnswer);
  }

  end(): void {
    this.#stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #running(): { readonly child: Child; readonly lines: AsyncIterator<string> } {
    if (this.#child === null || this.#lines === null) {
      this.#child = spawn(process.execPath, [join(ROOT, "test/damage/bare-child.js"), this.#pragma], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      this.#child.stdin.on("error", () => {}); // it crashed: its missing answer says so
      this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    }
    return { child: this.#child, lines: this.#lines };
  }

  #stop(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
    this.#lines = null;
  }
}

/** An error of FTS3 or FTS4 while it read, which is no answer. */
const UNREADABLE = /^unable to validate the inverted index for FTS\d table .*: SQL logic error$/s;

function verdictOf({ structure, ended, foreignKeys, errors }: ChildAnswer): BareAnswer {
  const rows = ended ? structure : null;
  const codes = errors.map(({ code }) => code ?? "");
  const isWrong = (row: string) => row !== "ok" && !UNREADABLE.test(row);
  const words = [
    ...structure.filter((row) => row !== "ok"),
    ...errors.map(({ code, message }) => `${code}: ${message}`),
    ...(foreignKeys > 0 ? [`${foreignKeys} foreign keys`] : []),
  ];
  const wrong = structure.some(isWrong) || foreignKeys > 0 || codes.some((code) => code.startsWith("SQLITE_CORRUPT"));
  if (wrong) return { verdict: "corrupt", words, rows };
  if (codes.includes("SQLITE_NOTADB")) return { verdict: "not-a-database", words, rows };
  return { verdict: words.length > 0 ? "refused" : "ok", words, rows };
}
