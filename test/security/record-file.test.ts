/** `record -o FILE` as root, where a hostile user has been before, or is at work: only the recording is written. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { destinationOf } from "../../src/features/output/path.ts";
import { OutputFile } from "../../src/features/record/output-file.ts";
import { readMountinfo } from "../../src/proc/mountinfo.ts";
import {
  folderOf,
  give,
  MALLORY,
  needRoot,
  secretFolder,
  startPlanter,
  startRacer,
  stateOf,
  stickyFolder,
} from "../support/attacker.ts";
import { mountNamespace } from "../support/namespace.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const SAMPLED = ["record", "--source", "sampled", "--for", "50ms"] as const;
const LINE = `${JSON.stringify({ type: "refusal", sql: "x".repeat(200) })}\n`;

function open(path: string, { force = false, maxBytes = 1e6, databases = [] as readonly string[] } = {}): OutputFile {
  const file = new OutputFile({ path, force, maxBytes }, databases);
  onTestFinished(() => file.discard());
  return file;
}

/** Lines until the file was made smaller a few times. */
function fill(file: OutputFile, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 50; i++) file.add(LINE);
    file.flush(round);
  }
}

test("setuid files, links, pipes and folders of somebody else are refused, also with --force", async (context) => {
  needRoot(context);
  const database = newDatabase();
  const [tmp, secret] = [stickyFolder(), secretFolder()];
  const [file, link, folderLink, pipe] = ["file", "link", "folder", "pipe"].map((name) => join(tmp, name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(file, "his");
  give(file, MALLORY, 0o6777);
  symlinkSync(join(secret, "key"), link);
  symlinkSync(secret, folderLink);
  execFileSync("mkfifo", [pipe]);
  for (const path of [link, folderLink, pipe]) execFileSync("chown", ["-h", `${MALLORY}`, path]);
  for (const output of [file, link, join(folderLink, "key"), join(folderLink, "new"), pipe])
    for (const more of [[], ["--force"]]) {
      const { code, stdout, stderr } = await sqlock([...SAMPLED, ...more, "-o", output, database]);
      expect({ code, stdout }, output).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^sqlock: --output [^\n]+ was not written: [^\n]+; give a file in a folder [^\n]+\n$/);
    }
  expect(readFileSync(file, "utf8")).toBe("his");
  expect(readFileSync(join(secret, "key"), "utf8")).toBe("secret");
  expect([readdirSync(secret), readdirSync(tmp).sort()]).toEqual([["key"], ["file", "folder", "link", "pipe"]]);
});

test("root's own file in /tmp: --force makes a new one of mode 0600, whatever the old one was", (context) => {
  needRoot(context);
  const tmp = stickyFolder();
  const [path, other] = [join(tmp, "x.jsonl"), join(tmp, "other")];
  writeFileSync(path, "old");
  chmodSync(path, 0o4777);
  linkSync(path, other);
  const file = open(path, { force: true });
  file.add(LINE);
  file.close(0);
  expect(lstatSync(path)).toMatchObject({ uid: 0, mode: 0o100600, nlink: 1 });
  expect(readFileSync(other, "utf8")).toBe("old");
});

test("a name that is exchanged all the time in /tmp: the file is root's alone, or there is none", async (context) => {
  needRoot(context);
  const [tmp, secret, mallorys] = [stickyFolder(), secretFolder(), folderOf(MALLORY)];
  const path = join(tmp, "x.jsonl");
  const own = join(mallorys, "own");
  writeFileSync(own, "his");
  give(own, MALLORY, 0o6777);
  const planter = await startPlanter(path, join(secret, "planted"), own);
  const until = performance.now() + repetitions(20_000, 1500);
  let made = 0;
  while (performance.now() < until || planter.swaps() <= 200) {
    let file: OutputFile;
    try {
      file = open(path, { force: made % 2 === 0, maxBytes: 20_000 });
    } catch {
      continue; // his is there
    }
    fill(file, 20);
    if (file.problem !== null) {
      file.discard();
      continue; // his came in between
    }
    file.close(0);
    expect(lstatSync(path)).toMatchObject({ uid: 0, mode: 0o100600, nlink: 1 });
    expect(readFileSync(path, "utf8")).toContain('"refusal"');
    execFileSync("rm", [path]); // makes room for the planter again
    made++;
  }
  expect(await planter.stop()).toBeGreaterThan(200);
  expect(made).toBeGreaterThan(0);
  expect([readFileSync(own, "utf8"), readdirSync(secret)]).toEqual(["his", ["key"]]);
  expect(readdirSync(tmp).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a folder of another user that is swapped for a link while the file is written", async (context) => {
  needRoot(context);
  const [mallorys, secret] = [folderOf(MALLORY), secretFolder()];
  const [real, decoy] = [join(mallorys, "real"), join(mallorys, "decoy")];
  mkdirSync(real);
  give(real, MALLORY);
  symlinkSync(secret, decoy);
  execFileSync("chown", ["-h", `${MALLORY}`, decoy]);
  const before = stateOf(secret);
  const racer = await startRacer(real, decoy);
  const until = performance.now() + repetitions(20_000, 1500);
  let made = 0;
  for (let i = 0; performance.now() < until || racer.swaps() <= 200; i++) {
    let file: OutputFile;
    try {
      file = open(join(real, `${i}.jsonl`), { maxBytes: 20_000 });
    } catch {
      continue; // the link was there
    }
    made++;
    try {
      fill(file, 20);
      file.close(0);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toMatch(/^E/);
      file.discard();
    }
  }
  expect(await racer.stop()).toBeGreaterThan(200);
  expect(made).toBeGreaterThan(0);
  expect(stateOf(secret)).toEqual(before);
  for (const name of readdirSync(real)) expect(lstatSync(join(real, name))).toMatchObject({ uid: MALLORY });
});

test("what the owner of the folder writes into the file does not end the recording", (context) => {
  needRoot(context);
  const path = join(folderOf(MALLORY), "x.jsonl");
  const file = open(path, { maxBytes: 100_000 });
  for (const text of ["x".repeat(200_000), `${"[".repeat(100_000)}\n`, '{"type":"lock"}\n', "\0\n".repeat(1000), ""]) {
    writeFileSync(path, text);
    fill(file, 30);
    expect(file.problem).toBeNull();
  }
  expect(file.close(0)).toBeNull();
});

test("a full disk: whole lines, one problem, and no second file", (context) => {
  needRoot(context);
  const folder = join(tempFolder(), "small");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=100k", "none", folder]);
  onTestFinished(() => void execFileSync("umount", [folder]));
  const path = join(folder, "x.jsonl");
  const file = open(path, { maxBytes: 90_000 });
  fill(file, 60);
  expect(file.problem).toMatchObject({ code: "ENOSPC", path });
  file.close(0);
  expect(readFileSync(path, "utf8")).toMatch(/\n$/);
  expect(readdirSync(folder)).toEqual(["x.jsonl"]);
});

test("a database under another name, encrypted or not there yet, is not replaced", (context) => {
  needRoot(context);
  const folder = tempFolder();
  const [database, other, bound] = [join(folder, "app.db"), join(folder, "other"), join(tempFolder(), "bound")];
  writeFileSync(database, Buffer.alloc(8192, 0x5a)); // as an encrypted one begins
  writeFileSync(`${database}-shm`, "");
  linkSync(database, other);
  mkdirSync(bound);
  execFileSync("mount", ["--bind", folder, bound]);
  onTestFinished(() => void execFileSync("umount", [bound]));
  const databases = [database, join(folder, "later.db")];
  for (const path of [other, join(bound, "app.db"), join(bound, "later.db"), join(folder, "later.db")])
    expect(() => open(path, { force: true, databases })).toThrow("is the database itself");
  for (const path of [`${database}-shm`, join(bound, "app.db-shm"), join(bound, "later.db-wal")])
    expect(() => open(path, { force: true, databases })).toThrow(/companion|database/);
  expect(lstatSync(database)).toMatchObject({ nlink: 2, size: 8192 });
});

test("a relative path is that of the start, whatever the folder is later", (context) => {
  needRoot(context);
  const [here, there] = [tempFolder(), tempFolder()];
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(here);
  const file = open("x.jsonl", { maxBytes: 20_000 });
  process.chdir(there);
  fill(file, 30);
  file.close(0);
  expect([readdirSync(here), readdirSync(there)]).toEqual([["x.jsonl"], []]);
});

test("links of /proc into what another process sees, and into descriptors", async (context) => {
  needRoot(context);
  const space = await mountNamespace();
  const { pid } = space.keeper;
  const inner = tempFolder();
  space.run("mount", "-t", "tmpfs", "none", inner);
  for (const path of [`/proc/${pid}/root${inner}/x`, `/proc/${pid}/cwd/x`])
    expect(() => open(path)).toThrow("leads to what another process sees");
  for (const path of ["/proc/self/fd/1", "/dev/stdout", "/dev/fd/2"])
    expect(() => open(path, { force: true })).toThrow(/no regular file|was not written|pipe/);
  const link = join(tempFolder(), "own-link");
  symlinkSync(`/proc/self/root${dirname(link)}/x.jsonl`, link);
  open(link).close(0);
  expect(existsSync(join(dirname(link), "x.jsonl"))).toBe(true);
});

test("nothing is asked of a mount that is another user's own program", (context) => {
  needRoot(context);
  const own = readMountinfo("/proc/self");
  if (own.kind !== "ok") throw new Error(own.kind);
  const [first] = own.value;
  if (first === undefined) throw new Error("no mounts");
  for (const folder of [folderOf(MALLORY), tempFolder()]) {
    const point = join(folder, "fuse"); // it does not exist: whoever asks for it finds nothing
    const mount = { ...first, mountPoint: point, type: "fuse", superOptions: [`user_id=${MALLORY}`] };
    const given = { option: "--output", given: "x", instead: "leave -o out" };
    expect(() => destinationOf(given, join(point, "x"), [...own.value, mount as never], 0)).toThrow(
      folder.endsWith(String(MALLORY)) ? "is a folder of user" : "file system that belongs to user",
    );
  }
  expect(statSync("/").isDirectory()).toBe(true);
});
