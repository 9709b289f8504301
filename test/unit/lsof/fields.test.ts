import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { type OpenFile, parseLsof } from "../../../src/lsof/fields.ts";
import { damaged } from "../../support/fixture.ts";

/** What lsof 4.95 printed on Linux. */
function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/lsof/${name}`, import.meta.url), "latin1");
}

function lsof(...lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll("|", "\0")}\n`).join("");
}

function theProcess(text: string) {
  const { processes, problems } = parseLsof(text);
  expect(problems).toEqual([]);
  const [process] = processes;
  if (process === undefined || processes.length > 1) throw new Error(`${processes.length} processes`);
  return process;
}

test("a process, and its descriptors alone: not its folder, its program and what it has mapped", () => {
  const { files, ...process } = theProcess(fixture("holder"));
  expect(process).toEqual({ pid: 2234, parentPid: 2231, uid: 0, user: "root", command: "python3", denied: false });
  expect(files.map(({ fd }) => fd)).toEqual([...Array.from({ length: 30 }, (_, fd) => fd), 251]);
  const expected: OpenFile = {
    fd: 3,
    access: "read-write",
    lock: "r",
    device: 0x27n,
    inode: 4n,
    links: 1,
    name: "/srv/app/db.sqlite3",
  };
  expect(files[3]).toEqual(expected);
  expect(files[4]).toMatchObject({ lock: null, name: "/srv/app/db.sqlite3-wal" });
  expect(files[22]).toMatchObject({ links: 0, name: "/srv/app/gone.db (deleted)" });
  expect(files[0]).toMatchObject({ access: "read", device: 6n });
  expect(files[1]).toMatchObject({ access: "write" });
});

test("processes that are denied to an ordinary user are named, and said to be denied", () => {
  const { processes, problems } = parseLsof(fixture("denied"));
  expect(problems).toEqual([]);
  expect(processes).toMatchObject([
    { pid: 2, command: "kthreadd", denied: true, files: [] },
    { pid: 2234, command: "python3", denied: true, files: [] },
  ]);
});

test("a denied descriptor marks its process as denied; a folder, or a mount that does not answer, does not", () => {
  const denied = (line: string) => theProcess(lsof("p1|cinit|", line)).denied;
  expect(denied("f7|n/proc/1/fd/7 (readlink: Permission denied)|")).toBe(true);
  expect(denied("f7|n/proc/1/fd/7 (stat: Operation not permitted)|")).toBe(true);
  expect(denied("fcwd|n/proc/1/cwd (readlink: Permission denied)|")).toBe(false);
  expect(denied("f7|n/proc/1/fd/7 (stat: Resource temporarily unavailable)|")).toBe(false);
});

test("threads that are listed under the pid of their process are put together", () => {
  const text = lsof(
    "p7|capp|",
    "f3|au|i30|n/a|",
    "f5|au|i50|n/c|",
    "p8|csh|",
    "f0|n/dev/null|",
    "p7|capp|",
    "f3|au|i30|n/a|",
    "f4|ar|i40|n/b|",
  );
  expect(parseLsof(text).processes.map(({ pid, files }) => [pid, files.map(({ fd }) => fd)])).toEqual([
    [7, [3, 5, 4]],
    [8, [0]],
  ]);
});

test("what lsof leaves out is null", () => {
  const { files, ...process } = theProcess(lsof("p7|", "f3|"));
  expect(process).toEqual({ pid: 7, parentPid: null, uid: null, user: null, command: "", denied: false });
  expect(files).toEqual([{ fd: 3, access: null, lock: null, device: null, inode: null, links: null, name: "" }]);
});

test("inodes of 64 bits, and device numbers in both ways of writing", () => {
  const [file, other] = theProcess(lsof("p7|", `f3|D0xfe00|i${2n ** 64n - 1n}|`, "f4|D16777220|")).files;
  expect(file).toMatchObject({ device: 65024n, inode: 2n ** 64n - 1n });
  expect(other).toMatchObject({ device: 16777220n });
});

test("a bad line costs that line, that of a process also the files behind it", () => {
  const { processes, problems } = parseLsof(
    `${lsof("f1|n/lost|", "px|", "f2|n/lost|", "p7|", "?", "f3|n/a|")}f4\0n/cut o`,
  );
  expect(processes).toMatchObject([{ pid: 7, files: [{ fd: 3 }] }]);
  expect(problems.map(({ text }) => text)).toEqual(["f1\0n/lost\0", "px\0", "f2\0n/lost\0", "?", "f4\0n/cut o"]);
});

test.each(["holder", "denied"])("a damaged %s never throws, and each line of it is an answer or a problem", (name) => {
  fc.assert(
    fc.property(damaged(fixture(name)), (text) => {
      const { processes, problems } = parseLsof(text);
      for (const problem of problems) {
        expect(problem).toBeInstanceOf(ParseError);
        expect(problem.message).toMatch(/^cannot read lsof -F: unexpected "/);
      }
      expect(new Set(processes.map(({ pid }) => pid)).size).toBe(processes.length);
      for (const { pid, files } of processes) {
        expect(pid).toBeGreaterThanOrEqual(0);
        expect(files.every(({ fd }) => Number.isSafeInteger(fd) && fd >= 0)).toBe(true);
      }
    }),
  );
});
