/** Which SQLite real processes use, and where its functions are: as the processes themselves say. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { Libraries } from "../../src/features/record/libraries/libraries.ts";
import type { Library, ProcessLibraries } from "../../src/features/record/libraries/library.ts";
import { pythonPath, startHolder } from "../support/holder.ts";
import { type MountNamespace, mountFuse, mountNamespace } from "../support/namespace.ts";
import { type Program, startProgram } from "../support/program.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";

function libraries(context: TestContext): Libraries {
  need(context, isRoot, "root");
  need(context, process.arch === "x64", "x86-64");
  const found = new Libraries();
  onTestFinished(() => found.close());
  return found;
}

/**
 * Opens the libraries that it is given, and says where in their files SQLite's functions are: by their addresses and the
 * mappings.
 */
const OPENS = `
import ctypes, json, sys
names = sys.argv[1].split()
found = []
for path in sys.argv[2:]:
    library = ctypes.CDLL(path)
    places = {}
    for name in names:
        try: address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        except AttributeError: continue
        for line in open("/proc/self/maps"):
            fields = line.split()
            start, end = [int(each, 16) for each in fields[0].split("-")]
            if start <= address < end: places[name] = address - start + int(fields[2], 16)
    found.append(places)
print("found " + json.dumps(found), flush=True)
sys.stdin.read()
`;

const FUNCTIONS = [
  ...["sqlite3_open", "sqlite3_open_v2", "sqlite3_open16", "sqlite3_close", "sqlite3_close_v2", "sqlite3_step"],
  ...["sqlite3_prepare", "sqlite3_prepare_v2", "sqlite3_prepare_v3", "sqlite3_prepare16", "sqlite3_prepare16_v2"],
  ...["sqlite3_prepare16_v3", "sqlite3_exec", "sqlite3_wal_checkpoint_v2", "sqlite3_backup_step"],
];

async function opens(paths: readonly string[], through: readonly string[] = []): Promise<Program> {
  return startProgram([...through, pythonPath(), "-c", OPENS, FUNCTIONS.join(" "), ...paths]);
}

async function said(program: Program): Promise<Record<string, number>[]> {
  const [, json = ""] = await program.prints(/^found (.*)$/m);
  return JSON.parse(json) as Record<string, number>[];
}

function known(of: ProcessLibraries | null): readonly Library[] {
  if (of?.known !== true) throw new Error(JSON.stringify(of));
  return of.libraries;
}

function placesIn({ probes }: Library): Record<string, number> {
  return Object.fromEntries(probes.map(({ functionName, offset }) => [functionName, offset]));
}

/** Of the system: that of Python's own module. */
async function systemLibrary(all: Libraries): Promise<string> {
  const holder = await startHolder();
  const [library] = known(await all.of(holder.pid));
  return library?.path ?? "";
}

test("Python's sqlite3: the places of all functions, and the layout of its statements", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const program = await opens([path]);
  const [places] = await said(program);
  const [library] = known(await all.of(program.pid));
  expect(library && placesIn(library)).toEqual(places);
  expect(library?.layout).toEqual({ sqlOffset: expect.any(Number), connectionOffset: 0 });
  expect(library?.index).toBe(0);
  expect(all.all).toHaveLength(1);
});

test("better-sqlite3: functions that only the table of local symbols has", async (context) => {
  const all = libraries(context);
  const script = `const open = require("better-sqlite3"); open(":memory:"); console.log("open"); setInterval(Date, 999)`;
  const program = startProgram([process.execPath, "-e", script], { cwd: process.cwd() });
  await program.prints(/open/);
  const [library] = known(await all.of(program.pid));
  expect(library?.path).toMatch(/better_sqlite3\.node$/);
  expect(library?.layout.connectionOffset).toBe(0);
  expect(Object.keys(library ? placesIn(library) : {})).toEqual(
    expect.arrayContaining(["sqlite3_step", "sqlite3_close"]),
  );
});

test("two libraries in one process, one of them deleted: the second look reads neither again", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const copy = join(tempFolder(), "libother.so");
  copyFileSync(path, copy);
  const program = await opens([path, copy]);
  const [places] = await said(program);
  rmSync(copy);
  const found = await all.of(program.pid);
  expect(known(found).map((library) => placesIn(library))).toEqual([places, places]);
  expect(known(found).map((library) => library.path)).toEqual([path, `${copy} (deleted)`]);
  expect(new Set(known(found).map(({ buildId }) => buildId)).size).toBe(1);
  expect(found).toHaveProperty("besides", null);
  expect(await all.of(program.pid)).toEqual(found);
  expect(all.all).toHaveLength(2);
});

test("a library of another mount namespace", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const space = await mountNamespace();
  const folder = join(tempFolder(), "mounted");
  mountTmpfs(space, folder);
  space.run("cp", path, `${folder}/libsqlite3.so`);
  const program = await opens([`${folder}/libsqlite3.so`], space.through);
  const [places] = await said(program);
  const [library] = known(await all.of(program.pid));
  expect(library?.path).toBe(`${folder}/libsqlite3.so`);
  expect(library && placesIn(library)).toEqual(places);
});

function mountTmpfs(space: MountNamespace, folder: string): void {
  space.run("mkdir", folder);
  space.run("mount", "-t", "tmpfs", "none", folder);
}

test("a library on a FUSE mount whose daemon does not answer is not read", async (context) => {
  const all = libraries(context);
  need(context, has("bindfs"), "bindfs");
  const path = await systemLibrary(all);
  const [source, space] = [tempFolder(), await mountNamespace()];
  copyFileSync(path, join(source, "libsqlite3.so"));
  const point = join(tempFolder(), "fuse");
  space.run("mkdir", point);
  const daemon = await mountFuse(space, source, point);
  const program = await opens([join(point, "libsqlite3.so")], space.through);
  await said(program);
  process.kill(daemon, "SIGSTOP");
  onTestFinished(() => void process.kill(daemon, "SIGCONT"));
  expect(await all.of(program.pid)).toEqual({ known: false, why: "not-readable" });
});

test("a library that is written to while it is mapped is the same one, or none", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const copy = join(tempFolder(), "libsqlite3.so");
  copyFileSync(path, copy);
  const program = await opens([copy]);
  await said(program);
  const [before] = known(await all.of(program.pid));
  if (before === undefined) throw new Error("no library");
  expect(all.isUnchanged(before)).toBe(true);
  execFileSync("touch", [copy]);
  expect(all.isUnchanged(before)).toBe(false);
  expect(known(await all.of(program.pid))).toEqual([before]);
  expect(all.isUnchanged(before)).toBe(true);
  // another build, as cp writes it
  const bytes = readFileSync(copy);
  bytes.write("another build", bytes.indexOf(Buffer.from(before.buildId ?? "", "hex")), "latin1");
  writeFileSync(copy, bytes);
  expect(await all.of(program.pid)).toEqual({ known: false, why: "not-verified" });
});

test("two containers of one image share a library", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const folder = tempFolder();
  for (const name of ["image", "one", "two"]) mkdirSync(join(folder, name));
  copyFileSync(path, join(folder, "image/libsqlite3.so"));
  const indexes: number[][] = [];
  for (const name of ["one", "two"]) {
    const space = await mountNamespace();
    const point = join(folder, name);
    space.run("mount", "-t", "tmpfs", "none", point);
    space.run("mkdir", `${point}/upper`, `${point}/work`, `${point}/root`);
    const layers = `lowerdir=${folder}/image,upperdir=${point}/upper,workdir=${point}/work`;
    space.run("mount", "-t", "overlay", "none", "-o", layers, `${point}/root`);
    const program = await opens([`${point}/root/libsqlite3.so`], space.through);
    await said(program);
    indexes.push(known(await all.of(program.pid)).map(({ index }) => index));
  }
  expect(indexes).toEqual([[1], [1]]);
});

test("programs without SQLite, and one that has ended", async (context) => {
  const all = libraries(context);
  const program = startProgram(["sh", "-c", "echo ready; read line"]);
  await program.prints(/ready/);
  expect(await all.of(program.pid)).toEqual({ known: false, why: "no-library" });
  program.endInput();
  await program.ends();
  expect(await all.of(program.pid)).toBeNull();
});
