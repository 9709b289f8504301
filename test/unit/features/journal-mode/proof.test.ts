/** The proof that no frame was lost has to fail when one was. */
import {
  existsSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { WalWitness } from "../../../../src/features/journal-mode/proof.ts";
import type { Opening } from "../../../../src/features/journal-mode/protocol.ts";
import { pinFile } from "../../../../src/safe-open/pins.ts";
import { latestPagesInSteps, parseWalHeader, WAL_HEADER_BYTES } from "../../../../src/sqlite/wal.ts";
import type { OpenFile } from "../../../../src/worker/descriptors.ts";
import { newDatabase } from "../../../support/sqlite.ts";

/** A database with frames in its -wal, a witness of that, and then mode delete, set by the one who has it open. */
function left() {
  const database = newDatabase("wal");
  const db = new Database(database);
  onTestFinished(() => void db.close());
  db.exec(`pragma synchronous = off; pragma wal_autocheckpoint = 0; update t set a = 5 where rowid < 20;
    insert into t select randomblob(1000) from t limit 50`);
  const wal = readFileSync(`${database}-wal`);
  const witness = new WalWitness(openingOf(database), [fileAt(`${database}-wal`)]);
  onTestFinished(() => witness.close());
  db.pragma("journal_mode = delete");
  expect(existsSync(`${database}-wal`)).toBe(false);
  const switched = { held: true, counter: readFileSync(database).readUInt32BE(24) };
  return { database, db, wal, witness, switched };
}

function openingOf(path: string): Opening {
  const database = pinFile(path, "");
  if (database === null) throw new Error("no database");
  return { path, database, pins: [database], user: null };
}

function fileAt(path: string): OpenFile {
  const { dev, ino } = lstatSync(path, { bigint: true });
  return { fd: 0, dev, ino };
}

function flip(database: string, at: number): void {
  const bytes = readFileSync(database);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(database, bytes);
}

/** The newest version of each page, as the test reads the -wal itself. */
function pagesIn(wal: Buffer): Map<number, number> {
  const pages = new Map<number, number>();
  for (let at = WAL_HEADER_BYTES; at + 4120 <= wal.length; at += 4120) pages.set(wal.readUInt32BE(at), at + 24);
  return pages;
}

test("all frames are there: every page of the -wal was compared, though its name is gone", async () => {
  const { wal, witness, switched } = left();
  const frames = (wal.length - WAL_HEADER_BYTES) / 4120;
  expect(await witness.compare(switched)).toEqual({
    kind: "proved",
    proof: { frames, pages: pagesIn(wal).size, rewritten: 0 },
  });
});

test("the newest version of a page is the one of its last frame", () => {
  const { wal } = left();
  const header = parseWalHeader(wal);
  if (header === null) throw new Error("no header");
  const frames = (wal.length - WAL_HEADER_BYTES) / 4120;
  const steps = latestPagesInSteps(header, frames, (offset) => wal.subarray(offset, offset + 24));
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { offsets, pageCount } = step.value;
  expect(new Map(offsets)).toEqual(pagesIn(wal));
  expect(pageCount).toBeGreaterThan(40 / 4);
});

test("a page that is not as the -wal had it is named, and the -wal can be kept", async () => {
  const { database, wal, witness, switched } = left();
  const page = Math.max(...pagesIn(wal).keys());
  flip(database, (page - 1) * 4096 + 4000);
  expect(await witness.compare(switched)).toEqual({ kind: "lost", pages: [page] });
  const kept = `${database}-wal.kept`;
  symlinkSync(`${database}.other`, kept); // neither a link nor what was kept once is written over
  expect(await witness.keep()).toBe(`${kept}-2`);
  expect(readFileSync(`${kept}-2`).equals(wal)).toBe(true);
  expect(statSync(`${kept}-2`).mode & 0o777).toBe(0o600);
  expect(await witness.keep()).toBe(`${kept}-3`);
  expect(existsSync(`${database}.other`)).toBe(false);
});

test("so is page 1, but for what the switch itself writes there", async () => {
  const { database, witness, switched } = left();
  flip(database, 60);
  expect(await witness.compare(switched)).toMatchObject({ kind: "lost", pages: [1] });
});

test("pages that another process has rewritten since are counted, and are not lost", async () => {
  const { db, witness, switched } = left();
  db.exec("update t set a = 6 where rowid < 20");
  const outcome = await witness.compare(switched);
  expect(outcome).toMatchObject({ kind: "proved" });
  expect(outcome.kind === "proved" && outcome.proof.rewritten).toBeGreaterThan(0);
});

test("a commit that its process, killed, did not write into the wal-index: it never was one", async () => {
  const database = newDatabase("wal");
  const db = new Database(database);
  onTestFinished(() => void db.close());
  db.exec("update t set a = 5 where rowid = 1");
  const index = readFileSync(`${database}-shm`).subarray(0, 136);
  db.exec("update t set a = 6 where rowid = 1");
  const shm = openSync(`${database}-shm`, "r+");
  writeSync(shm, index, 0, 136, 0); // as if the process was killed after the frames
  const witness = new WalWitness(openingOf(database), [fileAt(`${database}-wal`), fileAt(`${database}-shm`)]);
  onTestFinished(() => witness.close());
  expect(statSync(`${database}-wal`).size).toBe(32 + 2 * 4120);
  db.pragma("journal_mode = delete");
  const switched = { held: true, counter: readFileSync(database).readUInt32BE(24) };
  expect(await witness.compare(switched)).toEqual({
    kind: "proved",
    proof: { frames: 1, pages: 1, rewritten: 0 },
  });
});

test("another file under a name is not compared, nor one that has several names", async () => {
  const { database, witness, switched } = left();
  const aside = `${database}.aside`;
  renameSync(database, aside);
  symlinkSync(aside, database);
  const another = { kind: "not-compared", why: { kind: "another-file" } };
  expect(await witness.compare(switched)).toEqual(another);
  const other = newDatabase("wal");
  const db = new Database(other);
  onTestFinished(() => void db.close());
  db.exec("insert into t values (1)");
  const opening = openingOf(other);
  const file = fileAt(`${other}-wal`);
  const compare = async (files: readonly OpenFile[]) => {
    const each = new WalWitness(opening, files);
    onTestFinished(() => each.close());
    return each.compare({ held: true, counter: 1 });
  };
  expect(await compare([file])).toMatchObject({ kind: "proved" });
  expect(await compare([{ ...file, ino: file.ino + 1n }])).toEqual(another);
  linkSync(`${other}-wal`, `${other}.link`);
  expect(await compare([file])).toEqual(another);
});
