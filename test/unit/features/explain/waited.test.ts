import { describe, expect, test } from "vitest";
import type { LibraryId } from "../../../../src/features/explain/libraries.ts";
import { rank } from "../../../../src/features/explain/rank.ts";
import type { Reading } from "../../../../src/features/explain/reading.ts";
import { type Timing, type Waited, waitedOf } from "../../../../src/features/explain/waited.ts";
import type { FindingId } from "../../../../src/model/report.ts";
import { cause, LOCKED, read } from "./fixtures.ts";

const NO_TIMING: Timing = { elapsedMs: null, timeoutMs: null };

function waited(timing: Partial<Timing>, library: LibraryId | null = null, readings: readonly Reading[] = []): Waited {
  const found = waitedOf(LOCKED.causes, library, readings, { ...NO_TIMING, ...timing });
  if (found === null) throw new Error("nothing to tell");
  return found;
}

const verdict = (timing: Partial<Timing>, library: LibraryId | null = null): [string, boolean] => {
  const { verdict, sure } = waited(timing, library);
  return [verdict, sure];
};

describe("the verdict", () => {
  test("SQLite refuses at once: the borders are a tenth of the timeout, 250 ms at most, and nine tenths", () => {
    expect(verdict({ elapsedMs: 0, timeoutMs: 5000 })).toEqual(["at-once", true]);
    expect(verdict({ elapsedMs: 249, timeoutMs: 5000 })).toEqual(["at-once", true]);
    expect(verdict({ elapsedMs: 250, timeoutMs: 60_000 })).toEqual(["unclear", false]);
    expect(verdict({ elapsedMs: 100, timeoutMs: 1000 })).toEqual(["unclear", false]);
    expect(verdict({ elapsedMs: 99, timeoutMs: 1000 })).toEqual(["at-once", true]);
    expect(verdict({ elapsedMs: 4499, timeoutMs: 5000 })).toEqual(["unclear", false]);
    expect(verdict({ elapsedMs: 4500, timeoutMs: 5000 })).toEqual(["whole-timeout", true]);
    expect(verdict({ elapsedMs: 60_000, timeoutMs: 5000 })).toEqual(["whole-timeout", true]);
  });

  test("against a library's default it is likely only: the program may have set another", () => {
    expect(verdict({ elapsedMs: 20 }, "django")).toEqual(["at-once", false]);
    expect(verdict({ elapsedMs: 5000 }, "django")).toEqual(["whole-timeout", false]);
    // 2 s may be all of the timeout that the program has set.
    for (const elapsedMs of [250, 1000, 2006, 2400])
      expect(verdict({ elapsedMs }, "django")).toEqual(["unclear", false]);
    expect(verdict({ elapsedMs: 249 }, "django")).toEqual(["at-once", false]);
    expect(waited({ elapsedMs: 20 }, "django")).toMatchObject({ timeoutFrom: "default", library: "django" });
  });

  test("without a timeout, or without a known one, it tells nothing, and says so", () => {
    expect(verdict({ elapsedMs: 1 }, "go-modernc")).toEqual(["unclear", false]);
    expect(waited({ elapsedMs: 1 }, "go-modernc").basis.kind).toBe("no-timeout");
    expect(waited({ elapsedMs: 5000 }, "go-modernc")).toMatchObject({
      verdict: "unclear",
      timeoutMs: null,
      basis: { kind: "waited-without-default" },
    });
    expect(verdict({ elapsedMs: 1 })).toEqual(["unclear", false]);
    expect(waited({ elapsedMs: 1 }).basis.kind).toBe("timeout-unknown");
    expect(verdict({ timeoutMs: 5000 })).toEqual(["unknown", false]);
    expect(waited({}).basis.kind).toBe("elapsed-unknown");
  });

  test("a timeout of 0 is none", () => {
    expect(waited({ elapsedMs: 0, timeoutMs: 0 })).toMatchObject({
      verdict: "unclear",
      timeoutMs: 0,
      basis: { kind: "no-timeout" },
    });
    const reading = read("database is locked after 1ms (busy_timeout=0)");
    expect(waited({}, null, [reading])).toMatchObject({ timeoutMs: 0, timeoutFrom: "text", timeoutLine: 1 });
  });

  test("a library that repeats by itself waits also where SQLite does not", () => {
    expect(verdict({ elapsedMs: 30_000 }, "dotnet")).toEqual(["unclear", false]);
    expect(verdict({ elapsedMs: 10 }, "dotnet")).toEqual(["at-once", false]);
  });

  test("read from the log, with its line; options go first", () => {
    const reading = read("x\nsqlite3.OperationalError: database is locked after 5003ms (busy_timeout=5000)");
    expect(waited({}, "python-sqlite3", [reading])).toMatchObject({
      verdict: "whole-timeout",
      sure: true,
      elapsedFrom: "text",
      elapsedLine: 2,
      timeoutFrom: "text",
      timeoutLine: 2,
    });
    expect(waited({ elapsedMs: 10 }, null, [reading])).toMatchObject({
      verdict: "at-once",
      elapsedFrom: "option",
      elapsedLine: null,
      timeoutMs: 5000,
    });
    expect(waited({ timeoutMs: 60_000 }, null, [reading])).toMatchObject({ verdict: "unclear", timeoutFrom: "option" });
  });

  test("read from the times of two lines, it did not wait longer, but maybe less", () => {
    const reading = (end: string) => read(`12:00:00.000 INSERT INTO t\n${end} database is locked`);
    expect(waited({ timeoutMs: 5000 }, null, [reading("12:00:05.100")])).toMatchObject({
      verdict: "whole-timeout",
      sure: false,
    });
    expect(waited({ timeoutMs: 5000 }, null, [reading("12:00:00.100")])).toMatchObject({
      verdict: "at-once",
      sure: true,
    });
    expect(waited({ timeoutMs: 5000 }, null, [reading("12:00:00.100")])).toMatchObject({
      atMost: true,
      elapsedLine: 1,
    });
  });

  test("some at once and some after the whole timeout are two causes", () => {
    const readings = [read("database is locked after 10ms"), read("\ndatabase is locked after 5000ms")];
    const found = waited({ timeoutMs: 5000 }, null, readings);
    expect(found).toMatchObject({ verdict: "unclear", sure: false });
    expect(found.basis).toEqual({
      kind: "both",
      first: { line: 1, verdict: "at-once" },
      second: { line: 2, verdict: "whole-timeout" },
    });
  });

  test("where it does not tell the causes apart, nothing is said", () => {
    expect(waitedOf([cause({ id: "a" }), cause({ id: "b" })], null, [], NO_TIMING)).toBeNull();
    expect(waitedOf([cause({ id: "a", waited: "at-once" })], null, [], NO_TIMING)).toBeNull();
    expect(
      waitedOf([cause({ id: "a", waited: "at-once" }), cause({ id: "b", waited: "at-once" })], null, [], NO_TIMING),
    ).toBeNull();
    expect(waitedOf([cause({ id: "a", waited: "at-once" }), cause({ id: "b" })], null, [], NO_TIMING)).not.toBeNull();
  });
});

describe("the order of the causes", () => {
  const order = (waited: Waited | null, extended: number | null = null, ids: readonly FindingId[] = []) => {
    const findings = ids.map((id) => ({ id, severity: "warning" as const }));
    return rank(LOCKED, {
      waited,
      findings,
      extended: LOCKED.extended.find(({ number }) => number === extended) ?? null,
    }).map(({ cause, likelihood }) => `${cause.id} ${likelihood}`);
  };

  test("as written, where nothing is known", () => {
    expect(order(null)).toEqual(["holder possible", "upgrade possible", "none possible", "own possible"]);
    expect(order(waited({}))).toEqual(["holder possible", "upgrade possible", "none possible", "own possible"]);
  });

  test("what fits comes first, what is contradicted last: ruled out only where it is sure", () => {
    expect(order(waited({ elapsedMs: 10, timeoutMs: 5000 }))).toEqual([
      "upgrade fits",
      "holder ruled-out",
      "none ruled-out",
      "own ruled-out",
    ]);
    expect(order(waited({ elapsedMs: 10 }, "django"))).toEqual([
      "upgrade fits",
      "none possible",
      "holder unlikely",
      "own unlikely",
    ]);
    expect(order(waited({ elapsedMs: 5000, timeoutMs: 5000 }))).toEqual([
      "holder fits",
      "own fits",
      "upgrade ruled-out",
      "none ruled-out",
    ]);
  });

  test("no timeout is the first thought where a library sets none", () => {
    expect(order(waited({}, "node-sqlite"))).toEqual([
      "none fits",
      "holder possible",
      "upgrade possible",
      "own possible",
    ]);
  });

  test("an extended code leaves only its causes", () => {
    expect(order(null, 517)).toEqual(["upgrade fits", "holder ruled-out", "none ruled-out", "own ruled-out"]);
    // it rules none out
    expect(order(null, 773)).toEqual(["holder possible", "upgrade possible", "none possible", "own possible"]);
  });

  test("what the database shows comes before all, unless it is ruled out", () => {
    expect(order(null, null, ["same-process-contention"])).toEqual([
      "own this-time",
      "holder possible",
      "upgrade possible",
      "none possible",
    ]);
    expect(order(waited({ elapsedMs: 10 }, "django"), null, ["uncommitted-write"])[0]).toBe("holder this-time");
    expect(order(waited({ elapsedMs: 10, timeoutMs: 5000 }), null, ["uncommitted-write"])[0]).toBe("upgrade fits");
  });
});
