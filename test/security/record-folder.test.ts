/** `record --keep -o FOLDER` as root, where a hostile user has been before, or owns the folder. */
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { SegmentOutput } from "../../src/features/record/segments/segment-output.ts";
import {
  folderOf,
  give,
  MALLORY,
  needRoot,
  secretFolder,
  startRacer,
  stateOf,
  stickyFolder,
} from "../support/attacker.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";

const SAMPLED = ["record", "--source", "sampled", "--for", "300ms", "--keep", "24h"] as const;
const OLD = "sqlock-20200101T000000000Z";
const LONG_AGO = 1_577_836_800;

test("a link and a folder of others in /tmp are refused; a new folder is root's alone", async (context) => {
  needRoot(context);
  const database = newDatabase();
  const [tmp, secret] = [stickyFolder(), secretFolder()];
  const [link, his, others] = [join(tmp, "link"), join(tmp, "his"), join(tmp, "others")];
  symlinkSync(secret, link);
  for (const folder of [his, others]) mkdirSync(folder);
  give(his, MALLORY, 0o777);
  give(others, 0, 0o777);
  execFileSync("chown", ["-h", `${MALLORY}`, link]);
  for (const output of [link, join(link, "new"), others]) {
    const { code, stdout, stderr } = await sqlock([...SAMPLED, "-o", output, database]);
    expect({ code, stdout }, output).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: --output [^\n]+ was not written: [^\n]+; give a folder [^\n]+\n$/);
  }
  expect(await sqlock([...SAMPLED, "-o", join(tmp, "new"), database])).toMatchObject({ code: 0 });
  expect(lstatSync(join(tmp, "new"))).toMatchObject({ uid: 0, mode: 0o40700 });
  expect([readdirSync(secret), readdirSync(his), readdirSync(others)]).toEqual([["key"], [], []]);
});

test("in another user's folder: with that user's rights, and only what is that user's", async (context) => {
  needRoot(context);
  const database = newDatabase();
  const [folder, secret] = [folderOf(MALLORY, 0o700), secretFolder()];
  const planted = [`${OLD}-0001.jsonl`, `${OLD}-0002.jsonl`, `${OLD}-0003.jsonl.gz`] as const;
  symlinkSync(join(secret, "key"), join(folder, planted[0]));
  linkSync(join(secret, "key"), join(folder, planted[1]));
  mkdirSync(join(folder, planted[2]));
  utimesSync(join(secret, "key"), LONG_AGO, LONG_AGO);
  const before = stateOf(secret);
  const { code, stderr } = await sqlock([...SAMPLED, "-o", folder, database]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`belongs to uid ${MALLORY}`) });
  const made = readdirSync(folder).filter((name) => !planted.some((each) => each === name));
  expect(made).toHaveLength(1);
  expect(lstatSync(join(folder, made[0] ?? ""))).toMatchObject({ uid: MALLORY, mode: 0o100600, nlink: 1 });
  expect(readdirSync(folder)).toEqual(expect.arrayContaining([...planted]));
  expect(stateOf(secret)).toEqual(before);
});

test("in another user's folder, root's own folder and a link: it says whose rights do not suffice", async (context) => {
  needRoot(context);
  const database = newDatabase();
  const his = folderOf(MALLORY, 0o755);
  const own = join(his, "roots");
  mkdirSync(own, 0o700);
  symlinkSync(secretFolder(), join(his, "link"));
  for (const output of [own, join(his, "link")]) {
    const { code, stdout, stderr } = await sqlock([...SAMPLED, "-o", output, database]);
    expect({ code, stdout }, output).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; give a folder to which only root can write, or run sqlock as [^\n]+\n$/);
    expect(stderr).toContain(`is a folder of user ${MALLORY}, with whose rights it would be written`);
  }
  expect(readdirSync(own)).toEqual([]);
});

test("a folder that is swapped for a link: nothing is made or deleted where it leads", async (context) => {
  needRoot(context);
  const [mallorys, secret] = [folderOf(MALLORY), secretFolder()];
  const [real, decoy] = [join(mallorys, "real"), join(mallorys, "decoy")];
  mkdirSync(real);
  give(real, MALLORY);
  for (const number of ["0001", "0002"]) writeFileSync(join(secret, `${OLD}-${number}.jsonl`), "root's");
  symlinkSync(secret, decoy);
  const before = stateOf(secret);
  const output = new SegmentOutput({ path: real, keepMs: 1_000, maxBytes: 100_000 });
  onTestFinished(() => output.discard());
  const racer = await startRacer(real, decoy);
  let nowMs = 0;
  for (let i = 0; i < repetitions(3_000, 300) || racer.swaps() <= 200; i++) {
    nowMs += 300;
    output.add(`${"x".repeat(500)}\n`);
    output.flush(nowMs);
    if (output.isDue(nowMs) || i % 3 === 0) {
      output.begin(nowMs);
      output.add("head\n");
      output.flushHead(nowMs);
    }
    output.removeOld(nowMs);
    if (i % 50 === 0) await turn(); // the compressor's
  }
  output.close(nowMs);
  expect(await racer.stop()).toBeGreaterThan(200);
  expect(stateOf(secret)).toEqual(before);
  expect(readFileSync(join(secret, "key"), "utf8")).toBe("secret");
});
