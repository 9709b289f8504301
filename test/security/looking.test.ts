/** What an ordinary user puts beside his database so that a look by root hangs, or reads another file. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { folderOf, give, MALLORY, needRoot, startRacer, VICTIM } from "../support/attacker.ts";
import { bytesOfFolder, journalMode } from "../support/journal-mode.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, lookAt, NODE, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A look takes a part of a second; reading what is below would take minutes. */
const SOON_MS = 8000;

async function soon<T>(work: Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work;
  expect(performance.now() - started).toBeLessThan(SOON_MS);
  return result;
}

const FRAME = 24 + 4096;
const TEBIBYTE = 2 ** 40;

/** A database that nobody has open, with a -wal that was not copied back. @returns its path, and its frames */
function leftover(): { readonly database: string; readonly frames: number } {
  const source = newDatabase("wal");
  const db = new Database(source);
  db.exec("pragma synchronous = off; pragma wal_autocheckpoint = 0; update t set a = 5 where rowid < 20");
  const database = join(tempFolder(), "db.sqlite3");
  copyFileSync(source, database);
  copyFileSync(`${source}-wal`, `${database}-wal`);
  db.close();
  return { database, frames: (statSync(`${database}-wal`).size - 32) / FRAME };
}

describe("a -wal of a tebibyte that is a hole", () => {
  test("behind its frames: they are counted, and what was not read is said", async () => {
    const { database, frames } = leftover();
    truncateSync(`${database}-wal`, TEBIBYTE);
    const { wal, findings } = await soon(lookAt(database));
    expect(wal).toMatchObject({ frames, complete: true });
    expect(wal?.unreadBytes).toBeGreaterThan(TEBIBYTE / 2);
    expect(wal?.unreadBytes).toBeLessThan(TEBIBYTE);
    expect(findings.map(({ id }) => id)).toEqual(["leftover-wal"]);
    const { stdout } = await soon(sqlock(["who-holds", "--locks-only", database]));
    expect(stdout.replace(/\s+/g, " ")).toContain("last 1023 GiB of the -wal not read");
  });

  test("instead of them, under a header of zeroes or a damaged one", async () => {
    for (const header of [Buffer.alloc(0), Buffer.alloc(56, 7)]) {
      const database = newDatabase("wal");
      writeFileSync(`${database}-wal`, header);
      truncateSync(`${database}-wal`, TEBIBYTE);
      const { wal, findings } = await soon(lookAt(database));
      expect(wal).toMatchObject({ frames: 0, complete: true, unreadBytes: expect.any(Number) });
      expect(wal?.unreadBytes).toBeGreaterThan(TEBIBYTE / 2);
      expect(findings).toEqual([]);
    }
  });

  test("a commit behind a damaged frame is found as before", async () => {
    const { database, frames } = leftover();
    const bytes = readFileSync(`${database}-wal`);
    bytes.writeUInt8(bytes.readUInt8(32 + 100) ^ 1, 32 + 100);
    writeFileSync(`${database}-wal`, bytes);
    truncateSync(`${database}-wal`, TEBIBYTE);
    const { wal, findings } = await soon(lookAt(database));
    expect(frames).toBeGreaterThan(1);
    expect(wal).toMatchObject({ frames: 0, complete: true });
    expect(findings.map(({ id }) => id)).toEqual(["damaged-wal"]);
  });
});

test("a look at thousands of names hears SIGINT and SIGTERM", async () => {
  const database = newDatabase();
  const folder = mkdtempSync(join(tempFolder(), "many-"));
  for (let i = 0; i < 20_000; i++) linkSync(database, join(folder, `${i}.db`));
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const look = spawn(NODE, [BIN, "who-holds", folder], { stdio: "ignore" });
    onTestFinished(() => void look.kill("SIGKILL"));
    await untilBusy(look.pid ?? 0);
    const started = performance.now();
    look.kill(signal);
    expect(await once(look, "exit")).toEqual([code, null]);
    expect(performance.now() - started).toBeLessThan(2000);
  }
});

/** It has begun to look: it has used as much time of a CPU as its start and a little more. */
async function untilBusy(pid: number): Promise<void> {
  for (;;) {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    if (Number(fields[11]) + Number(fields[12]) > 30) return; // utime and stime, in hundredths of a second
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

describe("what is no file where SQLite has a companion file", () => {
  const kinds = {
    link: (path: string) => symlinkSync("/etc/shadow", path),
    pipe: (path: string) => void execFileSync("mkfifo", [path]),
    folder: (path: string) => void mkdirSync(path),
  };

  test("is told of, and nothing is read through it", async () => {
    for (const make of Object.values(kinds)) {
      const databases = ["-wal", "-shm", "-journal"].map((suffix) => {
        const database = newDatabase();
        make(database + suffix);
        return { database, companion: database + suffix };
      });
      const { databases: seen } = await soon(whoHolds(databases.map(({ database }) => database)));
      for (const [i, report] of seen.entries()) {
        if ("error" in report) throw new Error(report.error.message);
        expect(report.files.map(({ role }) => role)).toEqual(["database"]);
        expect(report).toMatchObject({ wal: null, journal: null });
        const [finding, ...others] = report.findings;
        expect(others).toEqual([]);
        expect(finding).toMatchObject({ id: "odd-companion", severity: "error" });
        expect(finding?.summary).toContain(databases[i]?.companion);
      }
    }
  });

  test("keeps journal-mode from trying, at once", async () => {
    for (const [type, suffix] of [
      ["pipe", "-wal"],
      ["pipe", "-shm"],
      ["link", "-journal"],
    ] as const) {
      const database = newDatabase(suffix === "-journal" ? "delete" : "wal");
      kinds[type](database + suffix);
      const before = statSync(database).mtimeMs;
      const answer = await soon(journalMode([database, suffix === "-journal" ? "wal" : "delete", "--wait", "30s"]));
      expect(answer).toMatchObject({
        code: 1,
        changed: false,
        obstacles: [{ code: "odd-companion", forcible: false }],
      });
      expect(answer.reason).toContain(database + suffix);
      expect(statSync(database).mtimeMs).toBe(before);
    }
    expect(Object.keys(bytesOfFolder(newDatabase()))).toHaveLength(1);
  });
});

/** A database whose page size tells it from the other one. */
function databaseOf(path: string, pageSize: number, uid: number): void {
  const db = new Database(path);
  db.exec(`pragma page_size = ${pageSize}; create table t(a); insert into t values (1)`);
  db.close();
  give(path, uid);
}

/** Looks again and again while the two names are exchanged, until that was done often enough. */
async function whileSwapped(one: string, two: string, check: () => Promise<void>): Promise<void> {
  const racer = await startRacer(one, two);
  for (let i = 0; i < repetitions(60, 3) || racer.swaps() <= 200; i++) await check();
  expect(await racer.stop()).toBeGreaterThan(200);
}

test("bytes are of the very file that was looked at, whatever its name leads to when it is opened", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const [one, two] = [join(folder, "one.db"), join(folder, "two.db")];
  databaseOf(one, 1024, MALLORY);
  databaseOf(two, 8192, MALLORY);
  const sizes = new Map([
    [String(statSync(one).ino), 1024],
    [String(statSync(two).ino), 8192],
  ]);
  await whileSwapped(one, two, async () => {
    const { databases } = await soon(whoHolds([one, two, one, two]));
    for (const report of databases) {
      if ("error" in report) throw new Error(report.error.message);
      const [file] = report.files;
      expect([sizes.get(file?.inode ?? ""), null]).toContain(report.pageSize);
    }
  });
});

test("a link to another's secret, or a pipe, in place of the file: neither is opened", async (context) => {
  needRoot(context);
  const [folder, secrets] = [folderOf(MALLORY), folderOf(VICTIM, 0o700)];
  const secret = join(secrets, "secret.db");
  databaseOf(secret, 8192, VICTIM);
  for (const make of [
    (path: string) => symlinkSync(secret, path),
    (path: string) => void execFileSync("mkfifo", [path]),
  ]) {
    const [name, other] = [join(folder, "app.db"), join(folder, "other")];
    databaseOf(name, 1024, MALLORY);
    make(other);
    await whileSwapped(name, other, async () => {
      const { databases } = await soon(whoHolds([name]));
      const [report] = databases;
      if (report === undefined || "error" in report) {
        expect(["not-a-file", "another-file"]).toContain(report?.error.code); // the pipe; the link, as it came
        return;
      }
      // where the link was there, the answer is on the secret, and says so
      if (report.path === name) expect([1024, null]).toContain(report.pageSize);
      else expect(report).toMatchObject({ path: secret, pageSize: 8192 });
    });
    rmSync(name);
    rmSync(other);
  }
});
