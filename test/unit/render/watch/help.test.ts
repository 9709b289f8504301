import { describe, expect, test } from "vitest";
import { parseKeys } from "../../../../src/features/watch/keys.ts";
import { helpLines, KEYS, PAGE_KEYS } from "../../../../src/render/watch/help.ts";
import widthOf from "../../../../src/render/width.ts";

test("what the help says", () => {
  expect(`\n${helpLines("sampled", 80).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    q, Ctrl-C  end, and print a summary
    j, down    select the next process
    k, up      select the previous process
    PgDn, PgUp move by a screen
    g, Home    select the first process
    G, End     select the last process
    f, Enter   show the findings in full, those of the selected process first
    x, F9      kill the selected process (asks first)
    p, Space   pause the screen; recording continues
    Ctrl-L     draw the screen again
    Ctrl-Z     suspend; fg comes back
    ?, h       this help

    In the findings and in this help the same keys scroll. Esc, Enter or q goes
      back.
    The first line of a database says whether it is locked, and by which process.
    WAL: the size of the -wal file. Its growth is that of the last minute, measured
      for at least 10 seconds; frames that are written over old ones take no space.
      When the disk is full is an estimate for all databases that are watched: other
      programs write too.
    write lock: WRITE in WAL mode, RESERVED and what follows it in rollback mode.
      One column is one second; the last is now.
    HELD-FOR: how long the process has held the strongest of its locks, from when it
      was seen to take it; with >=, at least this long.
    TIMES, TOTAL, LONGEST, SHARE: since watch started. Writes: how often the process
      held the write lock. For a process that never did: ckpts (CKPT), locks (not
      SQLite's), or reads. SHARE: of the time watched.
    A process that has closed the database (closed), has ended (ended), or shows no
      lock any more (gone) stays for 10 seconds. So does a finding that no longer
      holds.
    Locks are read from /proc/locks about every 2 ms: a shorter hold may be missed,
      and two holds with a shorter pause count as one. Which processes have the
      database open, the findings, and OFD locks, which have no owner in
      /proc/locks, are looked up at every --interval.
    "
  `);
});

const HELP_KEYS = helpLines("sampled", 80)
  .slice(0, 12)
  .flatMap((line) => line.slice(0, 10).split(/[ ,]+/));

test.each(["q", "p", "x", "j", "k", "f", "?"])(
  "%s is in the last line of the screen and in the help, and a key",
  (key) => {
    expect(KEYS.split(/[ /]+/)).toContain(key);
    expect(HELP_KEYS).toContain(key);
    expect(parseKeys(key)).toHaveLength(1);
  },
);

test.each(["j", "k"])("%s is in the last line of a page", (key) => {
  expect(PAGE_KEYS.split(/[ /]+/)).toContain(key);
});

describe("every line is as long as words allow", () => {
  test.each([20, 40, 79, 200])("in %i columns", (width) => {
    const lines = helpLines("sampled", width);
    expect(lines.filter((line) => widthOf(line) > Math.max(width, 30))).toEqual([]);
    expect(lines.filter((line) => line !== "").length).toBeGreaterThan(9);
  });
});
