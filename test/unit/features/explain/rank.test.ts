/** The rank of causes by evidence: who blocks now before information about a possible cause, for every message. */
import { describe, expect, test } from "vitest";
import type { Refusal } from "../../../../src/features/explain/access/refusals.ts";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import type { Entry } from "../../../../src/features/explain/entry.ts";
import type { PathErrorCode } from "../../../../src/features/explain/path-error.ts";
import { type FoundNow, rank, type TriedAccess } from "../../../../src/features/explain/rank.ts";
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

describe("what was tried", () => {
  const WEB = { uid: 33, name: "www-data", because: "asked", pids: [] } as const;
  const refusal = (change: Partial<Refusal> = {}): Refusal => ({
    user: WEB,
    what: "folder",
    path: "/srv",
    act: "make-files",
    rights: null,
    why: "mode",
    message: "readonly-database",
    code: 1544,
    ...change,
  });
  const first = (id: string, access: TriedAccess | null, signs: readonly Sign[] = [], findings: FoundNow[] = []) =>
    rank(entry(id), { extended: null, waited: null, findings, signs, access })
      .map(({ cause, likelihood }) => `${cause.id} ${likelihood}`)
      .slice(0, 1);
  const OWNER = { ...WEB, because: "owner" } as const;

  test.each<[string, string, TriedAccess, Sign[], FoundNow[], string]>([
    ["refused", "readonly-database", { refusals: [refusal()], allowed: [] }, [], [], "no-permission this-time"],
    [
      "of one who may not be the one",
      "readonly-database",
      { refusals: [refusal({ user: OWNER })], allowed: [] },
      [],
      [],
      "no-permission fits",
    ],
    [
      "a companion file",
      "readonly-database",
      { refusals: [refusal({ what: "wal" })], allowed: [] },
      [],
      [],
      "wal-files this-time",
    ],
    [
      "a mount: the rights are not to blame",
      "readonly-database",
      { refusals: [refusal({ why: "mount" })], allowed: [] },
      [{ id: "read-only-mount", pid: null }],
      [info("not-writable")],
      "read-only-file-system this-time",
    ],
    [
      "by what is not seen: likely",
      "readonly-database",
      { refusals: [refusal({ why: "other-control" })], allowed: [] },
      [],
      [],
      "security-module fits",
    ],
    [
      "nothing, and it is confined",
      "unable-to-open",
      { refusals: [], allowed: [WEB] },
      [{ id: "confined", pid: 7 }],
      [],
      "security-module fits",
    ],
    ["a quota", "disk-io-error", { refusals: [refusal({ why: "quota" })], allowed: [] }, [], [], "no-room this-time"],
    [
      "that quotas are kept",
      "disk-io-error",
      { refusals: [], allowed: [] },
      [{ id: "quota", pid: null }],
      [],
      "no-room fits",
    ],
  ])("%s", (_, id, access, signs, findings, expected) => {
    expect(first(id, access, signs, findings)).toEqual([expected]);
  });

  test("nothing: the rights are unlikely; of one who may not be the one that says nothing", () => {
    const standing = (user: Refusal["user"]) =>
      rank(entry("readonly-database"), {
        extended: null,
        waited: null,
        findings: [],
        access: { refusals: [], allowed: [user] },
      }).find(({ cause }) => cause.id === "no-permission")?.likelihood;
    expect([standing(WEB), standing(OWNER)]).toEqual(["unlikely", "possible"]);
  });

  test("a path that sqlock may not look at, or that leads nowhere", () => {
    const of = (code: PathErrorCode) =>
      rank(entry("unable-to-open"), { extended: null, waited: null, findings: [], pathErrors: [code] })
        .filter(({ reason }) => reason?.kind === "path-error")
        .map(({ cause, likelihood }) => `${cause.id} ${likelihood}`);
    expect(of("permission-denied")).toEqual(["no-permission this-time"]);
    expect(of("no-such-file")).toEqual(["wrong-path fits", "must-exist fits"]);
  });
});

describe("readonly", () => {
  test("rights that are only information show it; what is left over speaks for it", () => {
    expect(ranked("readonly-database", [info("not-writable")])[0]).toBe("no-permission this-time");
    expect(ranked("readonly-database", [warning("leftover-wal")])[0]).toBe("needs-recovery this-time");
  });
});
