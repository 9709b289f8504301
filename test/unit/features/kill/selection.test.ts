/** Which holders are signalled, and which never are. */
import { describe, expect, test } from "vitest";
import { candidatesOf } from "../../../../src/features/kill/candidates.ts";
import { guard, type Selection, select, sparedBy } from "../../../../src/features/kill/selection.ts";
import type { Holder } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";

const BY_YES: Selection = { pids: [], stale: false, likely: false, force: false, interactive: false, picked: false };

const WRITER = holder({ pid: 10, blocks: ["writers"] });
const FORGOTTEN = holder({ pid: 11, blocks: ["commits"], stale: ["idle-in-transaction"] });
const IDLE = holder({ pid: 12 });
const LIKELY = holder({ pid: 13, blocks: ["checkpoints"], stale: ["likely-idle-in-transaction"] });

const candidates = (...holders: readonly Holder[]) => candidatesOf(databaseReport({ holders }), new Set());
const pidsOf = (all: readonly { readonly holder: Holder }[]) => all.map(({ holder: { pid } }) => pid);

describe("select", () => {
  test.each<[string, Partial<Selection>, number[], number[]]>([
    ["nothing named: those that block readers or writers", {}, [10], []],
    ["--stale: blockers that are forgotten", { stale: true }, [11], []],
    ["--stale --likely: those that likely are as well", { stale: true, likely: true }, [11, 13], []],
    ["--pid: those, in the order given, whatever they do", { pids: [12, 10] }, [12, 10], []],
    ["--pid twice", { pids: [12, 12] }, [12], []],
    ["--pid of a process that is no holder", { pids: [12, 99] }, [12], [99]],
  ])("%s", (_, change, selected, refused) => {
    const result = select(candidates(WRITER, FORGOTTEN, IDLE, LIKELY), { ...BY_YES, ...change });
    expect(pidsOf(result.candidates)).toEqual(selected);
    expect(result.refusals).toEqual(refused.map((pid) => ({ pid, holder: null, reason: { kind: "not-a-holder" } })));
  });
});

test.each<[string, Partial<Selection>, number[], number[]]>([
  ["--yes spares it", {}, [], [10]],
  ["--stale does not ask", { stale: true }, [11], []],
  ["--pid takes it", { pids: [10] }, [10], []],
  ["so does who picks it from the list", { interactive: true, picked: true }, [], []],
])("a writer that takes turns: %s", (_, change, selected, spared) => {
  const progress = { commits: 9, counterMoved: true, withinMs: 53 };
  const holders = [holder({ ...WRITER, state: "running" }), FORGOTTEN];
  const found = candidatesOf(databaseReport({ holders, progress }), new Set());
  const selection = { ...BY_YES, ...change };
  expect(pidsOf(select(found, selection).candidates)).toEqual(selected);
  expect(pidsOf(sparedBy(found, selection))).toEqual(spared);
});

describe("guard", () => {
  const EXCLUSIVE = { locks: [lock("EXCLUSIVE")] };
  const LOST = { stale: ["deleted-file"] as const };
  const named = { pids: [4242] };

  test.each<[string, Partial<Holder>, Partial<Selection>, string | null]>([
    ["an ordinary holder", {}, {}, null],
    ["pid 1", { pid: 1 }, { pids: [1], force: true, interactive: true }, "pid-1"],
    ["an ancestor of sqlock", { pid: 7 }, { pids: [7], force: true, interactive: true }, "own-ancestor"],
    ["a hidden process", { startTicks: null }, { ...named, force: true }, "hidden"],
    ["no journal", EXCLUSIVE, {}, "danger"],
    ["no journal, named", EXCLUSIVE, named, "danger"],
    ["no journal, --force without its pid", EXCLUSIVE, { pids: [1], force: true }, "danger"],
    ["no journal, named with --force", EXCLUSIVE, { ...named, force: true }, null],
    ["no journal, and a person is asked", EXCLUSIVE, { interactive: true }, null],
    ["a lost file, and a person is asked", LOST, { ...named, interactive: true }, "danger"],
    ["a lost file, named with --force", LOST, { ...named, force: true }, null],
  ])("%s", (_, change, selection, expected) => {
    const found = candidates(holder(change));
    const result = guard({ candidates: found, refusals: [] }, { ...BY_YES, ...selection }, new Set([7]));
    expect(result.refusals.map(({ reason }) => reason.kind)).toEqual(expected === null ? [] : [expected]);
    expect(result.candidates).toEqual(expected === null ? found : []);
  });

  test("the first process of a container", () => {
    const found = candidatesOf(databaseReport({ holders: [holder()] }), new Set([4242]));
    const refused = guard({ candidates: found, refusals: [] }, { ...BY_YES, ...named }, new Set());
    expect(refused.refusals).toMatchObject([{ pid: 4242, reason: { danger: { kind: "container-init", pid: 4242 } } }]);
    const forced = guard({ candidates: found, refusals: [] }, { ...BY_YES, ...named, force: true }, new Set());
    expect(forced.candidates).toEqual(found);
  });

  test("earlier refusals stay", () => {
    const earlier = { pid: 99, holder: null, reason: { kind: "not-a-holder" } } as const;
    const result = guard({ candidates: candidates(IDLE, WRITER), refusals: [earlier] }, BY_YES, new Set([10]));
    expect(result.refusals.map(({ pid }) => pid)).toEqual([99, 10]);
    expect(pidsOf(result.candidates)).toEqual([12]);
  });
});
