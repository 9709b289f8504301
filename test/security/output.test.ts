/** `integrity --output`, where a hostile user has been before root: nothing is written but a report of root's. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { destinationOf } from "../../src/features/output/path.ts";
import { folderOf, give, MALLORY, needRoot, secretFolder, startPlanter, stickyFolder } from "../support/attacker.ts";
import { repetitions } from "../support/soak.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

beforeEach((context) => needRoot(context));

/** --output is refused before the check: it would need more than 1 ms. */
async function refused(database: string, output: string, uid?: number): Promise<string> {
  const { code, stdout, stderr } = await sqlock(
    ["integrity", "--timeout", "1ms", "--output", output, database],
    uid === undefined ? {} : { uid },
  );
  expect({ code, stdout }, output).toEqual({ code: 2, stdout: "" });
  expect(stderr, output).toMatch(/^sqlock: --output [^\n]+ was not written: [^\n]+; give a file in a folder [^\n]+\n$/);
  return stderr;
}

test("a file of somebody else, setuid beforehand, is not replaced: root would make a program of it", async () => {
  const database = await newDatabase();
  const report = join(stickyFolder(), "report");
  writeFileSync(report, "#!/bin/sh\n");
  give(report, MALLORY, 0o6777);
  expect(await refused(database, report)).toContain(`is a file of user ${MALLORY}`);
  expect(readFileSync(report, "utf8")).toBe("#!/bin/sh\n");
  expect(lstatSync(report)).toMatchObject({ uid: MALLORY, mode: 0o106777 });
});

test("no set-id bit and no right to execute survives, of root's own file neither; nor of a user's", async () => {
  const database = await newDatabase();
  chmodSync(database, 0o644);
  const users = folderOf(MALLORY);
  for (const [folder, uid] of [
    [stickyFolder(), 0],
    [users, MALLORY],
  ] as const) {
    const report = join(folder, "report");
    writeFileSync(report, "old");
    give(report, uid, 0o7755);
    const run = await sqlock(["integrity", "--output", report, database], uid === 0 ? {} : { uid });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(report, "utf8")).toContain("ok");
    expect(lstatSync(report)).toMatchObject({ uid, mode: 0o100644 });
    expect(readdirSync(folder)).toEqual(["report"]);
  }
});

test("in another user's folder root writes a new file as that user, and replaces none", async () => {
  const folder = folderOf(MALLORY);
  const database = await newDatabase();
  const report = join(folder, "report");
  expect(await sqlock(["integrity", "--output", report, database])).toMatchObject({ code: 0, stderr: "" });
  expect(statSync(report)).toMatchObject({ uid: MALLORY });
  expect(readFileSync(report, "utf8")).toContain("ok");
  expect(await refused(database, report)).toContain(`${folder} is a folder of user ${MALLORY}`);
});

test("links, folders and pipes of somebody else, anywhere on the path", async () => {
  const database = await newDatabase();
  const [tmp, secret, mallorys] = [stickyFolder(), secretFolder(), folderOf(MALLORY)];
  const link = join(tmp, "link");
  symlinkSync(join(secret, "key"), link);
  const linkedFolder = join(tmp, "folder");
  symlinkSync(secret, linkedFolder);
  const pipe = join(tmp, "pipe");
  execFileSync("mkfifo", [pipe]);
  const device = join(tmp, "device");
  execFileSync("mknod", [device, "c", "1", "3"]);
  for (const path of [link, linkedFolder, pipe, device]) execFileSync("chown", ["-h", `${MALLORY}`, path]);
  // root's own folder, in one where it may be exchanged
  const within = join(mallorys, "of-root");
  mkdirSync(within);
  const old = join(mallorys, "old");
  writeFileSync(old, "old");
  give(old, MALLORY);
  // root's own link to a place of the other one's
  const ownLink = join(tmp, "own");
  symlinkSync(join(mallorys, "report"), ownLink);
  const shared = join(tempFolder(), "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  for (const [output, why] of [
    [link, `${link} is a link of user ${MALLORY}`],
    [join(linkedFolder, "report"), `${linkedFolder} is a link of user ${MALLORY}`],
    [pipe, `${pipe} is a device or a pipe of user ${MALLORY}`],
    [device, `${device} is a device or a pipe of user ${MALLORY}`],
    [join(mallorys, "old"), `${mallorys} is a folder of user ${MALLORY}`],
    [join(shared, "report"), `other users can write to the folder ${shared}`],
  ] as const)
    expect(() => destinationOf({ option: "--output", given: output, instead: "" }, output, [], 0)).toThrow(why);
  for (const output of [join(mallorys, "report"), join(within, "report"), ownLink])
    expect(destinationOf({ option: "--output", given: output, instead: "" }, output, [], 0)).toMatchObject({
      user: { uid: MALLORY },
    });
  expect(await refused(database, pipe)).toContain(`${pipe} is a device or a pipe of user ${MALLORY}`);
  expect(readFileSync(join(secret, "key"), "utf8")).toBe("secret");
  expect([secret, mallorys, within, shared].map((folder) => readdirSync(folder))).toEqual([
    ["key"],
    ["of-root", "old"],
    [],
    [],
  ]);
  expect(readdirSync(tmp).sort()).toEqual(["device", "folder", "link", "own", "pipe"]);
});

test("an ordinary user in /tmp: a link of somebody else leads him to no file of his own", async () => {
  const database = await newDatabase();
  chmodSync(database, 0o644);
  const tmp = stickyFolder();
  const users = folderOf(MALLORY);
  const profile = join(users, "profile");
  writeFileSync(profile, "mine");
  give(profile, MALLORY);
  const link = join(tmp, "report");
  symlinkSync(profile, link);
  execFileSync("chown", ["-h", "61003", link]);
  expect(await refused(database, link, MALLORY)).toContain("is a link of user 61003");
  expect(readFileSync(profile, "utf8")).toBe("mine");
});

test("what is root's own: a link, a pipe with a reader, /dev/null", async () => {
  const database = await newDatabase();
  const tmp = stickyFolder();
  const target = join(secretFolder(), "report");
  const link = join(tmp, "link");
  symlinkSync(target, link);
  const pipe = join(tmp, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void reader.kill("SIGKILL"));
  let read = "";
  reader.stdout.setEncoding("utf8").on("data", (text: string) => {
    read += text;
  });
  for (const output of [link, pipe, "/dev/null"])
    expect(await sqlock(["integrity", "--json", "--output", output, database])).toMatchObject({ code: 0, stderr: "" });
  if (reader.exitCode === null) await once(reader, "close");
  expect(readlinkSync(link)).toBe(target);
  for (const text of [readFileSync(target, "utf8"), read])
    expect(JSON.parse(text)).toMatchObject({ databases: [{ verdict: "ok" }] });
});

test("a file that somebody makes during the check is not replaced", async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("begin exclusive")`);
  const tmp = stickyFolder();
  const report = join(tmp, "report");
  const child = spawn(NODE, [BIN, "integrity", database, "--wait", "50s", "--output", report], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // It has a worker: the file of --output was tried before.
  await until("a worker runs", () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8") !== "");
  writeFileSync(report, "his");
  give(report, MALLORY, 0o4777);
  await holder.end();
  const [code] = await once(child, "close");
  expect(code).toBe(2);
  expect(stderr).toContain("cannot be written: another program has created a file with that name in the meantime");
  expect(readFileSync(report, "utf8")).toBe("his");
  expect(readdirSync(tmp)).toEqual(["report"]);
});

test("a name that is exchanged all the time: the report is root's, or there is none", async () => {
  const database = await newDatabase();
  const [tmp, secret, mallorys] = [stickyFolder(), secretFolder(), folderOf(MALLORY)];
  const report = join(tmp, "report");
  const own = join(mallorys, "own");
  writeFileSync(own, "his");
  give(own, MALLORY, 0o6777);
  const planter = await startPlanter(report, join(secret, "planted"), own);
  for (let i = repetitions(60, 4); i > 0 || planter.swaps() <= 200; i--) {
    const { code, stdout, stderr } = await sqlock(["integrity", "--output", report, database]);
    expect({ code, stdout }, stderr).toEqual({ code: stderr === "" ? 0 : 2, stdout: "" });
    if (stderr !== "") expect(stderr).toMatch(/^sqlock: --output [^\n]+\n$/);
    const stats = lstatSync(report, { throwIfNoEntry: false });
    if (stats?.uid === 0) {
      expect(stats.mode).toBe(0o100644);
      expect(readFileSync(report, "utf8")).toContain("ok");
      execFileSync("rm", [report]); // makes room for the racer again
    } else expect(code).toBe(2);
  }
  expect(await planter.stop()).toBeGreaterThan(200);
  expect(readFileSync(own, "utf8")).toBe("his");
  expect(existsSync(join(secret, "planted"))).toBe(false);
  expect(statSync(secret).nlink).toBe(2);
  expect(readdirSync(tmp).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
