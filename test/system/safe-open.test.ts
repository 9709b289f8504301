/** What the worker does when the state is no longer the one that was decided on. */
import { appendFileSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pinFile } from "../../src/safe-open/pins.ts";
import type { FileToCopy, OpenJob, OpenMessage, SuperJournalFact } from "../../src/safe-open/protocol.ts";
import { copyFiles } from "../../src/safe-open/worker/copy.ts";
import { open } from "../../src/safe-open/worker/open.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";

const job = (path: string, change: Partial<OpenJob> = {}): OpenJob => ({
  path,
  pins: ["", "-wal", "-shm"].flatMap((suffix) => pinFile(path + suffix, suffix) ?? []),
  isolated: false,
  method: "in-place",
  folder: null,
  files: [],
  wal: "none",
  user: null,
  busyMs: 0,
  ...change,
});

function toCopy(from: string, to: string): FileToCopy {
  const pin = pinFile(from, "");
  if (pin === null) throw new Error(`${from} is no file`);
  return { from, pin, to, superJournal: null };
}

async function opened(of: OpenJob) {
  const messages: OpenMessage[] = [];
  const result = await open(of, (message) => messages.push(message));
  return { result, locked: messages.filter((message) => message.kind === "lock").map(({ held }) => held) };
}

const UNKEPT = { refusal: { kind: "unkept" } };

test("a database that went over to WAL mode: what SQLite makes beside it is taken away again", async () => {
  const path = await newDatabase("wal");
  const before = readFileSync(path);
  const { mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  expect((await opened(job(path))).result).toEqual(UNKEPT);
  expect(readdirSync(join(path, ".."))).toEqual(["db.sqlite3"]);
  expect(readFileSync(path)).toEqual(before);
  expect(statSync(path, { bigint: true })).toMatchObject({ mtimeNs, ctimeNs });
});

test("a WAL whose keepers have gone is not opened at all", async () => {
  const path = await newDatabase("wal");
  const folder = join(path, "..");
  const { mtimeNs } = statSync(folder, { bigint: true });
  expect(await opened(job(path, { wal: "kept-by-others" }))).toEqual({ result: UNKEPT, locked: [] });
  expect(statSync(folder, { bigint: true }).mtimeNs).toBe(mtimeNs);
});

test("a -wal with changes is never taken away", async () => {
  const path = await newDatabase("wal");
  const writer = await holding(path, "c.execute('insert into t values (1)')");
  await writer.end();
  const wal = readFileSync(`${path}-wal`);
  expect(wal.length).toBeGreaterThan(0);
  const { result } = await opened(job(path, { wal: "kept-by-others" }));
  if ("refusal" in result) throw new Error("refused");
  result.close();
  expect(readFileSync(`${path}-wal`)).toEqual(wal);
});

test("a journal that came in between is refused, not rolled back", async () => {
  const path = await newDatabase();
  const writer = await holding(
    path,
    "c.execute('pragma cache_size=1'); c.execute('begin'); c.execute('insert into t select a from t union all " +
      "select a from t')",
  );
  await writer.end();
  const files = ["", "-journal"].map((suffix) => readFileSync(path + suffix));
  expect((await opened(job(path))).result).toMatchObject({ refusal: { kind: "needs-copy" } });
  expect(["", "-journal"].map((suffix) => readFileSync(path + suffix))).toEqual(files);
});

test.each(["-wal", "-journal"])("no copy without a %s that came after the look", async (suffix) => {
  const path = await newDatabase(suffix === "-wal" ? "wal" : "delete");
  const database = toCopy(path, join(tempFolder(), "copy"));
  expect(await copyFiles([database], null)).toBeNull();
  const writer = await holding(path, "c.execute('begin immediate'); c.execute('insert into t values (1)')");
  expect(statSync(path + suffix).isFile()).toBe(true);
  expect(await copyFiles([database], null)).toEqual({ kind: "changed" });
  await writer.run("c.execute('commit'); c.close()");
  expect(await copyFiles([database], null)).toBeNull();
});

/** Names a super-journal at the end of a journal. Source: `pager.c`, writeSuperJournal. */
function nameSuperJournal(journal: string, name: string): void {
  const record = Buffer.alloc(4 + name.length + 16);
  record.writeUInt32BE(0x7fffffff, 0);
  record.write(name, 4, "latin1");
  record.writeUInt32BE(name.length, 4 + name.length);
  record.writeUInt32BE(
    [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0),
    8 + name.length,
  );
  Buffer.from([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]).copy(record, 12 + name.length);
  appendFileSync(journal, record);
}

test("no copy names a super-journal, which SQLite would delete: whatever is appended after the look", async () => {
  const journal = join(tempFolder(), "a-journal");
  const diary = join(tempFolder(), "diary");
  writeFileSync(journal, Buffer.alloc(600, 1));
  const to = join(tempFolder(), "copy");
  const copied = async (fact: SuperJournalFact) =>
    (await copyFiles([{ ...toCopy(journal, to), superJournal: fact }], null)) ?? readFileSync(to).length;
  expect(await copied({ name: null, exists: false })).toBe(600);
  nameSuperJournal(journal, diary);
  expect(await copied({ name: null, exists: false })).toEqual({ kind: "changed" });
  expect(await copied({ name: diary, exists: true })).toBe(600);
  expect(await copied({ name: diary, exists: null })).toBe(600);
  expect(await copied({ name: diary, exists: false })).toBe(0);
  nameSuperJournal(journal, diary);
  expect(await copied({ name: diary, exists: true })).toBe(600);
});

test("while it reads in place, nobody commits, and when it is closed, somebody does", async () => {
  const path = await newDatabase();
  const { result, locked } = await opened(job(path));
  if ("refusal" in result) throw new Error("refused");
  expect(locked).toEqual([true]);
  const writer = await holding(path, "c.execute('begin immediate'); c.execute('insert into t values (1)')");
  await expect(writer.run("c.execute('commit')")).rejects.toThrow("database is locked");
  expect(() => result.db.exec("INSERT INTO t VALUES (1)")).toThrow(/readonly|query_only|database is locked/);
  result.close();
  await writer.run("c.execute('commit')");
});

test("files that change while they are copied make no copy", async () => {
  const folder = tempFolder();
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  writeFileSync(one, "1");
  writeFileSync(two, "2");
  const to = (name: string) => join(folder, name);
  const whole = [toCopy(one, to("a")), toCopy(two, to("b"))];
  expect(await copyFiles(whole, null)).toBeNull();
  expect(readFileSync(to("b"), "latin1")).toBe("2");
  // The second copy falls upon the original of the first.
  expect(await copyFiles([toCopy(one, to("a")), toCopy(two, one)], null)).toEqual({ kind: "changed" });
  expect(await copyFiles([toCopy(one, to("a")), { ...toCopy(one, to("b")), from: to("gone") }], null)).toEqual({
    kind: "changed",
  });
  expect(await copyFiles([{ ...toCopy(one, to("b")), from: to("gone") }], null)).toEqual({ kind: "gone" });
});

test("a file that was written a moment ago is copied when a change to come can be told from that", async () => {
  const folder = tempFolder();
  const from = join(folder, "from");
  copyFileSync(new URL(import.meta.url), from);
  appendFileSync(from, "x");
  const written = statSync(from).mtimeMs;
  expect(await copyFiles([toCopy(from, join(folder, "to"))], null)).toBeNull();
  expect(Date.now() - written).toBeGreaterThanOrEqual(19);
  expect(statSync(join(folder, "to")).size).toBe(statSync(from).size);
});
