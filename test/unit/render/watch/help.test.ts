import { describe, expect, test } from "vitest";
import { PLAIN } from "../../../../src/render/style.ts";
import { helpLines, KEYS } from "../../../../src/render/watch/help.ts";
import widthOf from "../../../../src/render/width.ts";

const UTF8 = { ...PLAIN, ellipsis: "…" };

test("what the help says", () => {
  expect(`\n${helpLines(80, UTF8).join("\n")}\n`).toMatchInlineSnapshot(`
    "

    q, Ctrl-C   end, and print a summary
    p           pause: the screen stays as it is; the watching continues
    j, down, up select a process
    k           kill the selected process (asks first)
    Ctrl-Z      to the shell; fg comes back
    ?           this help, and back

    Locks are read from /proc/locks every 2 ms or so: what is shorter may be missed,
    and a pause that is shorter joins two holds to one.
    Who has the database open, the findings, and OFD locks, which have no owner in
    /proc/locks, come from a look at all processes every --interval.
    HELD is for how long the process has held the strongest of its locks: from when
    it was seen to take it, or, with >=, at least.
    The write lock is WRITE in WAL mode, RESERVED and what follows it in rollback
    mode. One column of its line is a second; the last is now.
    "
  `);
});

test.each(["q", "p", "k", "j", "down", "up", "?"])("%s is in the last line of the screen and in the help", (key) => {
  expect(KEYS.split(/[ /]+/)).toContain(key);
  expect(helpLines(80, UTF8).filter((line) => line.split(/[ ,]+/).includes(key))).not.toEqual([]);
});

describe("every line fits", () => {
  test.each([8, 20, 40, 79, 200])("in %i columns", (width) => {
    const lines = helpLines(width, UTF8);
    expect(lines.filter((line) => widthOf(line) > width)).toEqual([]);
    expect(lines.filter((line) => line !== "").length).toBeGreaterThan(9);
  });
});
