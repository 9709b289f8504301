import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duration } from "../../../src/text/duration.ts";
import { walText } from "../../../src/text/frames.ts";
import { commandOf, descriptorsOf, nameOf, stateClause } from "../../../src/text/holder.ts";
import { count, grouped, list } from "../../../src/text/list.ts";
import { size } from "../../../src/text/size.ts";
import { handle, holder } from "../../support/report.ts";

describe("commandOf: what a person recognises", () => {
  test.each<[string[], string]>([
    [["python", "manage.py", "shell"], "python manage.py shell"],
    [["/usr/bin/python3.11", "-u", "/srv/app/manage.py", "shell"], "python3.11 -u manage.py shell"],
    [["/usr/bin/python3", "-m", "http.server", "/srv/a"], "python3 -m http.server /srv/a"],
    [["node", "-e", "require('/x/y')"], "node -e require('/x/y')"],
    [
      ["php", "-r", '$d=new SQLite3("/srv/t.db");$d->exec("begin");'],
      'php -r $d=new SQLite3("/srv/t.db");$d->exec("begin");',
    ],
    [["perl", "-MDBI", "-E", "say/a/"], "perl -MDBI -E say/a/"],
    [["node", "-p", "1/2"], "node -p 1/2"],
    [["php", "/srv/app/worker.php"], "php worker.php"],
    [["node", "-r", "/srv/hook.js", "app.js"], "node -r hook.js app.js"],
    [["python3", "scripts/import.py", "/srv/a"], "python3 import.py /srv/a"],
    [["bash", "-xc", "cat /a/b"], "bash -xc cat /a/b"],
    [["/usr/sbin/nginx", "-c", "/etc/nginx.conf"], "nginx -c /etc/nginx.conf"],
    [["sqlite3", "/srv/app/db"], "sqlite3 /srv/app/db"],
    [["-bash"], "bash"],
    [["-"], "-"],
    [["nginx: worker process"], "nginx: worker process"],
    [["postgres: writer /var/lib     "], "postgres: writer /var/lib"],
    [["/opt/my app/run", "x"], "run x"],
    [[], "[kthread]"],
    [[""], "[kthread]"],
    [["/"], "/"],
  ])("%j", (commandLine, expected) => {
    expect(commandOf({ name: "kthread", commandLine })).toBe(expected);
  });
});

test("nameOf cuts a long command, not inside a character", () => {
  expect(nameOf(holder({ pid: 7, commandLine: ["sh"] }))).toBe("7 (sh)");
  expect(nameOf(holder({ pid: 7, commandLine: ["x".repeat(60)] }))).toBe(`7 (${"x".repeat(60)})`);
  expect(nameOf(holder({ pid: 7, commandLine: ["x".repeat(61)] }))).toBe(`7 (${"x".repeat(57)}...)`);
  expect(nameOf(holder({ pid: 7, commandLine: ["😀".repeat(61)] }))).toBe(`7 (${"😀".repeat(57)}...)`);
});

test("the frames of a -wal: what is checkpointed is unknown without a wal-index, and 0 with one", () => {
  const wal = {
    frames: 3021,
    uncommittedFrames: 0,
    checkpointedFrames: 12,
    checkpointedKnown: true,
    readMarks: [],
    unreadBytes: 0,
    complete: true,
  };
  expect(walText(wal)).toBe("3,021 frames, 12 checkpointed");
  expect(walText({ ...wal, uncommittedFrames: 4000 })).toBe("3,021 frames, 12 checkpointed, 4,000 more not committed");
  expect(walText({ ...wal, uncommittedFrames: null })).toBe("3,021 frames, 12 checkpointed");
  expect(walText({ ...wal, frames: 1, checkpointedFrames: 0, checkpointedKnown: false, complete: false })).toBe(
    "at least 1 frame, checkpointed: unknown",
  );
});

test("restOf", () => {
  expect(stateClause(holder({ state: "sleeping", idleMs: null }))).toBeNull();
  expect(stateClause(holder({ state: "sleeping", idleMs: 252_999 }))).toBe("asleep for 4 m 12 s");
  expect(stateClause(holder({ state: "sleeping", idleMs: 999 }))).toBe("active within the last second");
  expect(stateClause(holder({ state: "running", idleMs: 5000 }))).toBe("active within the last second");
  expect(stateClause(holder({ state: "stopped", idleMs: 5000 }))).toBe("stopped for 5 s");
  expect(stateClause(holder({ state: "stopped", idleMs: null }))).toBe("stopped");
  expect(stateClause(holder({ state: "traced", idleMs: 5000 }))).toBe("stopped by a debugger");
});

test.each([
  [0, "0.0 s"],
  [399, "0.3 s"],
  [999, "0.9 s"],
  [1000, "1 s"],
  [59_999, "59 s"],
  [60_000, "1 m 0 s"],
  [252_000, "4 m 12 s"],
  [3_599_999, "59 m 59 s"],
  [3_600_000, "1 h 0 m"],
  [86_399_999, "23 h 59 m"],
  [86_400_000, "1 d 0 h"],
  [273_600_000, "3 d 4 h"],
])("duration of %i ms: %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [900, "900 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [49_152, "48 KiB"],
  [1536, "1.5 KiB"],
  [10_239, "9.9 KiB"],
  [1_048_575, "1023 KiB"],
  [1.5 * 2 ** 30, "1.5 GiB"],
  [2 ** 60, "1024 PiB"],
])("size of %i bytes: %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test("property: a size or a duration is never more than the truth", () => {
  const units: Record<string, number> = {
    B: 1,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
    PiB: 2 ** 50,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
  };
  const amountOf = (text: string) =>
    [...text.matchAll(/([\d.]+) (\w+)/g)].reduce(
      (sum, [, number, unit = ""]) => sum + Number(number) * (units[unit] ?? 0),
      0,
    );
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(2 ** 31), (bytes, ms) => {
      expect(amountOf(size(bytes))).toBeLessThanOrEqual(bytes);
      expect(amountOf(duration(ms))).toBeLessThanOrEqual(ms);
    }),
  );
});

test("numbers and lists", () => {
  expect([0, 999, 1000, 3021, 1234567].map(grouped)).toEqual(["0", "999", "1,000", "3,021", "1,234,567"]);
  expect([count(0, "frame"), count(1, "frame"), count(3021, "frame"), count(2, "process", "processes")]).toEqual([
    "0 frames",
    "1 frame",
    "3,021 frames",
    "2 processes",
  ]);
  const numbers = Array.from({ length: 1300 }, (_, i) => i + 1);
  expect([list(numbers.slice(0, 8)), list(numbers)]).toEqual([
    "1, 2, 3, 4, 5, 6, 7 and 8",
    "1, 2, 3, 4, 5, 6, 7 and 1,293 more",
  ]);
  expect([list([]), list([1]), list([1, 2]), list(["a", "b", "c"])]).toEqual(["", "1", "1 and 2", "a, b and c"]);
});

test("descriptorsOf: by file, and only some of many", () => {
  expect(descriptorsOf([handle(3, "database"), handle(4, "wal"), handle(6, "database")])).toBe(
    "descriptors 3 and 6 on the database, 4 on the -wal",
  );
  const many = (n: number) => Array.from({ length: n }, (_, i) => handle(3 + i, "database"));
  expect(descriptorsOf(many(5))).toBe("descriptors 3, 4, 5, 6 and 7 on the database");
  expect(descriptorsOf(many(6))).toBe("descriptors 3, 4, 5, 6 and 2 more on the database");
  expect(descriptorsOf(many(1))).toBe("descriptor 3 on the database");
  expect(descriptorsOf([])).toBe("");
});
