import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAllRead, LocksFile, type Pass, passesToBegin } from "../../../src/proc/locks-file.ts";
import { tempFolder } from "../../support/temp.ts";

const pass = (text: string, pieces = 2, complete = true): Pass => ({ text, pieces, complete });
const different = (count: number) => Array.from({ length: count }, (_, i) => pass(String(i)));

describe("how many passes are to be begun", () => {
  test.each<[string, Pass[], number, number]>([
    ["at the beginning", [], 0, 1],
    ["the text came in one piece", [pass("a", 1)], 10, 0],
    ["it came in several", [pass("a")], 10, 3],
    ["the last three are the same", [pass("a"), pass("b"), pass("b"), pass("b")], 10, 0],
    ["they are not", different(4), 10, 3],
    ["so many are enough", different(16), 10, 0],
    ["one pass took too long to repeat it", [pass("a")], 1500, 0],
    ["several did", different(4), 1600, 0],
    ["one was given up", [pass("a", 2, false)], 10, 0],
  ])("%s", (_, passes, spentMs, expected) => {
    expect(passesToBegin(passes, spentMs)).toBe(expected);
  });
});

describe("whether all was read", () => {
  test.each<[string, Pass[], boolean]>([
    ["nothing", [], false],
    ["in one piece", [pass("a", 1)], true],
    ["no locks at all", [pass("", 0)], true],
    ["one pass of a long text may have lost a line", [pass("a")], false],
    ["four passes that differ may all miss a line", different(4), false],
    ["three that are the same", [pass("a"), pass("b"), pass("b"), pass("b")], true],
    ["as many as there are at most", different(16), true],
    ["one that was given up before its first piece", [pass("", 0, false)], false],
    ["one that was given up, beside three", [pass("a"), pass("a"), pass("a"), pass("b", 2, false)], true],
  ])("%s", (_, passes, expected) => {
    expect(isAllRead(passes)).toBe(expected);
  });
});

describe("a text that does not end", () => {
  /** It always has more. */
  function endless(): string {
    const proc = tempFolder();

    symlinkSync("/dev/zero", join(proc, "locks"));
    return proc;
  }

  test("is given up, says so, and lets other work have its turn", async () => {
    const file = new LocksFile(endless(), 50);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const reading = await file.read();
    clearInterval(timer);
    expect(reading).toMatchObject({ kind: "ok", value: { complete: false } });
    expect(turns).toBeGreaterThan(3);
    expect(file.isOver).toBe(true);
  });

  test("all readings of a call share the time", async () => {
    const file = new LocksFile(endless(), 20);
    await file.read();
    expect(await file.read()).toEqual({ kind: "ok", value: { passes: [""], complete: false } });
  });
});

test("a short text is read once, and none at all is a result", async () => {
  const proc = tempFolder();
  expect(await new LocksFile(proc).read()).toEqual({ kind: "gone" });
  writeFileSync(join(proc, "locks"), "1: POSIX\n");
  expect(await new LocksFile(proc).read()).toEqual({ kind: "ok", value: { passes: ["1: POSIX\n"], complete: true } });
});
