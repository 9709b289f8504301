/** Which SQLite real processes use, and where its functions are: as the processes themselves say. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { Libraries } from "../../src/features/kernel-source/libraries/libraries.ts";
import type { Library, ProcessLibraries } from "../../src/features/kernel-source/libraries/library.ts";
import { Statements } from "../../src/features/kernel-source/statements.ts";
import type { StatementsKnown } from "../../src/recording/source-event.ts";
import { pythonPath } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { opens, placesSaid } from "../support/mapped-libraries.ts";
import { type MountNamespace, mountFuse, mountNamespace } from "../support/namespace.ts";
import { startProgram } from "../support/program.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

function libraries(context: TestContext): Libraries {
  need(context, isRoot, "root");
  need(context, process.arch === "x64", "x86-64");
  const found = new Libraries();
  onTestFinished(() => found.close());
  return found;
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
  const program = opens([path]);
  const [places] = await placesSaid(program);
  const [library] = known(await all.of(program.pid));
  expect(library && placesIn(library)).toEqual(places);
  expect(library?.layout).toEqual({ sqlOffset: expect.any(Number), stateOffset: expect.any(Number) });
  expect(library?.index).toBe(0);
  expect(all.all).toHaveLength(1);
});

test("a process that has given up its memory has no SQLite that is not known: it ends", async (context) => {
  const all = libraries(context);
  const holder = await startHolder();
  const pid = Number(await holder.run("answer = os.fork()\nif answer == 0: os._exit(0)"));
  await until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  expect(await all.of(pid)).toBeNull();
});

test("better-sqlite3: functions that only the table of local symbols has", async (context) => {
  const all = libraries(context);
  const script = `require("better-sqlite3")(":memory:"); console.log("open"); setInterval(Date, 999)`;
  const program = startProgram([process.execPath, "-e", script], { cwd: process.cwd() });
  await program.prints(/open/);
  const [library] = known(await all.of(program.pid));
  expect(library?.path).toMatch(/better_sqlite3\.node$/);
  expect(library?.layout.sqlOffset).toBeGreaterThan(0);
  expect(library?.layout.stateOffset).toBeGreaterThan(0);
  expect(Object.keys(library ? placesIn(library) : {})).toEqual(
    expect.arrayContaining(["sqlite3_step", "sqlite3_close"]),
  );
});

test("two libraries in one process, one of them deleted: the second look reads neither again", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const copy = join(tempFolder(), "libother.so");
  copyFileSync(path, copy);
  const program = opens([path, copy]);
  const [places] = await placesSaid(program);
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
  const program = opens([`${folder}/libsqlite3.so`], space.through);
  const [places] = await placesSaid(program);
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
  const program = opens([join(point, "libsqlite3.so")], space.through);
  await placesSaid(program);
  process.kill(daemon, "SIGSTOP");
  onTestFinished(() => void process.kill(daemon, "SIGCONT"));
  expect(await all.of(program.pid)).toEqual({ known: false, why: "not-readable" });
});

test("a library that is written to while it is mapped is the same one, or none", async (context) => {
  const all = libraries(context);
  const path = await systemLibrary(all);
  const copy = join(tempFolder(), "libsqlite3.so");
  copyFileSync(path, copy);
  const program = opens([copy]);
  await placesSaid(program);
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
    const program = opens([`${point}/root/libsqlite3.so`], space.through);
    await placesSaid(program);
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

test("a process in which no SQLite was found is looked at again when it locks: it only started", async (context) => {
  need(context, isRoot, "root");
  need(context, process.arch === "x64", "x86-64");
  const told: StatementsKnown[] = [];
  const statements = new Statements({
    ...{ statements: true, literals: false, isKnown: () => true, hasOpen: () => true },
    ...{ startTicksOf: () => null, add: (event) => told.push(event.statements) },
    tracer: {
      ...{ nowMs: 0, hasUprobes: true, addProbes: () => ({ added: [], failed: [] }) },
      ...{ removeProbes: () => true, lookAhead: () => {} },
    },
  });
  onTestFinished(() => statements.close());
  const python = [pythonPath(), "-c", "import sqlite3; print('loaded', flush=True); input(); input()"];
  const program = startProgram(["sh", "-c", 'echo ready; read line; exec "$@"', "sh", ...python]);
  await program.prints(/ready/);
  statements.met(program.pid);
  await until("it was looked at", () => told.length > 0);
  program.type("\n");
  await program.prints(/loaded/);
  statements.locks(program.pid, 5_000);
  await until("it was looked at again", () => told.length > 1);
  expect(told).toEqual([
    { known: false, why: "no-library" },
    { known: true, library: 0 },
  ]);
  program.endInput();
  await program.ends();
});
