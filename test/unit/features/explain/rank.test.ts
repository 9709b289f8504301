/** The rank of causes by evidence: who blocks now before information about a possible cause, for every message. */
import { describe, expect, test } from "vitest";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import type { Entry } from "../../../../src/features/explain/entry.ts";
import { type FoundNow, rank } from "../../../../src/features/explain/rank.ts";
import type { Sign } from "../../../../src/features/explain/signs.ts";
import { FINDING_IDS } from "../../../../src/findings/index.ts";

const entry = (id: string): Entry => {
  const found = ENTRIES.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no entry ${id}`);
  return found;
};

const info = (id: FoundNow["id"]): FoundNow => ({ id, severity: "info" });
const warning = (id: FoundNow["id"]): FoundNow => ({ id, severity: "warning" });
const WRITER: Sign = { id: "writer", pid: 7 };
const LASTING: Sign = { id: "lasting-writer", pid: 7 };

const ranked = (id: string, findings: readonly FoundNow[], signs: readonly Sign[] = []) =>
  rank(entry(id), { extended: null, waited: null, findings, signs }).map(
    ({ cause, likelihood }) => `${cause.id} ${likelihood}`,
  );

describe("database is locked", () => {
  test.each<[string, FoundNow[], Sign[], string[]]>([
    [
      "a writer with an idle connection of its own",
      [info("same-process-contention")],
      [WRITER],
      ["open-write-transaction fits", "long-writes fits"],
    ],
    [
      "the same for a second",
      [info("same-process-contention")],
      [LASTING, WRITER],
      ["open-write-transaction this-time", "long-writes fits"],
    ],
    [
      "a forgotten one, which sleeps: it waits for nothing",
      [warning("uncommitted-write"), warning("same-process-contention")],
      [LASTING, WRITER, { id: "asleep", pid: 7 }],
      ["open-write-transaction this-time", "long-writes fits"],
    ],
    [
      "one that polls for its own lock",
      [warning("same-process-contention")],
      [WRITER, { id: "waits-for-itself", pid: 7 }],
      ["same-process this-time", "open-write-transaction fits"],
    ],
    [
      "somebody who waits for a writer is no queue of writers",
      [info("likely-waiting")],
      [LASTING, WRITER],
      ["open-write-transaction this-time", "long-writes fits"],
    ],
    ["an orphan that blocks nobody", [info("orphaned-holder")], [], ["open-write-transaction fits"]],
    [
      "a lock that is not SQLite's, and blocks nobody, beside a writer",
      [info("foreign-lock")],
      [WRITER],
      ["open-write-transaction fits", "long-writes fits"],
    ],
    ["a lock of nobody's who can be seen", [], [{ id: "writer", pid: null }], ["open-write-transaction fits"]],
  ])("%s", (_, findings, signs, first) => {
    expect(ranked("database-is-locked", findings, signs).slice(0, first.length)).toEqual(first);
  });

  test("a process that sleeps is not asked whether it waits for itself", () => {
    const all = rank(entry("database-is-locked"), {
      extended: null,
      waited: null,
      findings: [warning("same-process-contention")],
      signs: [LASTING, { id: "asleep", pid: 7 }],
    });
    expect(all.find(({ cause }) => cause.id === "same-process")).toMatchObject({
      likelihood: "unlikely",
      reason: { kind: "sign", sign: { id: "asleep", pid: 7 } },
    });
  });
});

describe("of every message", () => {
  test.each(ENTRIES.map(({ id }) => id))("%s: information shows no cause but where the entry says so", (id) => {
    const { causes } = entry(id);
    for (const finding of FINDING_IDS) {
      const proofs = causes.filter(({ proofs = [] }) => proofs.includes(finding)).map((cause) => cause.id);
      const shown = ranked(id, [info(finding)]).filter((each) => each.endsWith(" this-time"));
      expect(shown).toEqual(proofs.map((cause) => `${cause} this-time`));
    }
  });

  test.each(
    ENTRIES.filter(({ causes }) => causes.some(({ spokenForBy }) => spokenForBy === "writer")).map(({ id }) => id),
  )("%s: information never goes before who blocks now", (id) => {
    for (const finding of FINDING_IDS)
      expect(ranked(id, [info(finding)], [WRITER])[0]).toBe(ranked(id, [], [WRITER])[0]);
  });

  test("proofs and hints are findings of their cause", () => {
    for (const { causes } of ENTRIES)
      for (const { findings, hints = [], proofs = [] } of causes)
        for (const id of [...hints, ...proofs]) expect(findings).toContain(id);
  });
});

describe("readonly", () => {
  test("rights that are only information show it; what is left over speaks for it", () => {
    expect(ranked("readonly-database", [info("not-writable")])[0]).toBe("no-permission this-time");
    expect(ranked("readonly-database", [warning("leftover-wal")])[0]).toBe("needs-recovery this-time");
  });
});
