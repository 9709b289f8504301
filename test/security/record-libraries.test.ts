/** `record`: programs of a hostile user that map many libraries, or files that look like libraries. */
import { execFileSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { Libraries } from "../../src/features/kernel-source/libraries/libraries.ts";
import { folderOf, give, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { type Program, startProgram } from "../support/program.ts";
import { need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";

function libraries(context: TestContext): Libraries {
  needRoot(context);
  need(context, process.arch === "x64", "x86-64");
  const found = new Libraries();
  onTestFinished(() => found.close());
  return found;
}

/** Maps all files of a folder so that their bytes could run, as the user. */
async function maps(folder: string, uid: number): Promise<Program> {
  const script = `
import mmap, os, sys
maps = []
for name in os.listdir(sys.argv[1]):
    fd = os.open(os.path.join(sys.argv[1], name), os.O_RDONLY)
    maps.append(mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC))
    os.close(fd)
print("ready", flush=True)
sys.stdin.read()
`;
  const identity = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const program = startProgram([...identity, pythonOf(uid), "-S", "-c", script, folder]);
  await program.prints(/ready/);
  return program;
}

async function systemLibrary(all: Libraries): Promise<string> {
  const found = await all.of((await startHolder()).pid);
  if (found?.known !== true) throw new Error(JSON.stringify(found));
  return found.libraries[0]?.path ?? "";
}

function copies(library: string, folder: string, uid: number, count: number): void {
  for (let i = 0; i < count; i++) {
    copyFileSync(library, join(folder, `libsqlite3.so.${i}`));
    give(join(folder, `libsqlite3.so.${i}`), uid);
  }
}

test("hundreds of copies of SQLite: a user gets some of them probed, and others still get theirs", async (context) => {
  const all = libraries(context);
  const library = await systemLibrary(all);
  const [mallorys, victims, roots] = [folderOf(MALLORY), folderOf(VICTIM), tempFolder()];
  copies(library, mallorys, MALLORY, 200);
  copies(library, victims, VICTIM, 1);
  copies(library, roots, 0, 1);
  const flood = await all.of((await maps(mallorys, MALLORY)).pid);
  expect(flood).toMatchObject({ known: true, besides: "too-many" });
  expect(all.all).toHaveLength(1 + 16);
  expect(await all.of((await maps(victims, VICTIM)).pid)).toMatchObject({ known: true, besides: null });
  expect(await all.of((await maps(roots, 0)).pid)).toMatchObject({ known: true, besides: null });
});

test("what is called libsqlite3 and is none is not probed", async (context) => {
  const all = libraries(context);
  const folder = join(tempFolder(), "fakes");
  mkdirSync(folder);
  const libc = /\/\S*libc\.so\S*/.exec(readFileSync("/proc/self/maps", "utf8"))?.[0] ?? "";
  copyFileSync(libc, join(folder, "libc"));
  linkSync(join(folder, "libc"), join(folder, "libsqlite3.so"));
  writeFileSync(join(folder, "libsqlite3.so.text"), "sqlite3_step\0sqlite3_prepare_v2\0".repeat(1000));
  writeFileSync(join(folder, "libsqlite3.so.empty"), "\x7fELF".padEnd(5000, "\0"));
  expect(await all.of((await maps(folder, 0)).pid)).toMatchObject({ known: false });
  expect(all.all).toEqual([]);
});

test("headers that point to a terabyte of holes cost seconds at most, and nothing else waits", async (context) => {
  const all = libraries(context);
  const library = await systemLibrary(all);
  const folder = folderOf(MALLORY);
  copies(library, folder, MALLORY, 40);
  const terabyte = 2 ** 40;
  for (const [index, name] of readdirSync(folder).entries()) {
    const path = join(folder, name);
    patchSections(path, terabyte - index * 4096);
    truncateSync(path, terabyte);
  }
  const program = await maps(folder, MALLORY);
  const began = performance.now();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  onTestFinished(() => clearInterval(timer));
  expect(await all.of(program.pid)).toMatchObject({ known: false });
  const tookMs = performance.now() - began;
  expect(tookMs).toBeLessThan(20_000);
  expect(ticks).toBeGreaterThan(tookMs / 1000);
});

/** Every table of strings and symbols is as long as the file. */
function patchSections(path: string, size: number): void {
  const script = `
import struct, sys
with open(sys.argv[1], "r+b") as f:
    header = f.read(64)
    offset, = struct.unpack_from("<Q", header, 40)
    count, = struct.unpack_from("<H", header, 60)
    for i in range(count):
        f.seek(offset + 64 * i)
        section = bytearray(f.read(64))
        if struct.unpack_from("<I", section, 4)[0] in (2, 3, 11):
            struct.pack_into("<Q", section, 32, int(sys.argv[2]))
            f.seek(offset + 64 * i)
            f.write(section)
`;
  execFileSync(pythonOf(0), ["-S", "-c", script, path, String(size)]);
}
