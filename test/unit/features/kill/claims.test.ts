/** What proves that a holder itself blocks others, and whose it is: as root, nobody else is ended in passing. */
import { expect, test } from "vitest";
import { candidatesOf, warningsOf } from "../../../../src/features/kill/candidates.ts";
import { type Doubt, NO_DOUBTS, type Parties } from "../../../../src/features/kill/claims.ts";
import { guard, type Selection } from "../../../../src/features/kill/selection.ts";
import type { Blocker, Holder, Lock, Wait } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";

const [ROOT, OWNER, OTHER] = [0, 1000, 1001];

const parties = (change: Partial<Parties> = {}): Parties => ({
  callerUid: ROOT,
  owner: { uid: OWNER, name: "web" },
  userIds: new Map([[4242, [OWNER, OWNER, OWNER, OWNER]]]),
  names: new Map([
    [ROOT, "root"],
    [OTHER, null],
  ]),
  ...change,
});

const blocker = (effect: Blocker["effect"], sure: Blocker["sure"], pid = 4242): Blocker => ({
  pid,
  lock: "RESERVED",
  effect,
  heldAtLeastMs: null,
  heldLikelyMs: null,
  waitsFor: [],
  sure,
});

/** What it blocks, and by which kind of lock. */
interface Scene {
  readonly proved?: readonly Blocker["effect"][];
  readonly likely?: readonly Blocker["effect"][];
  readonly locks: readonly Lock[];
  readonly parties?: Partial<Parties>;
  readonly holder?: Partial<Holder>;
}

function candidateOf({ proved = [], likely = [], locks, parties: change, holder: holderChange }: Scene) {
  const blocks = [...new Set([...proved, ...likely])];
  const blockers = [
    ...proved.map((effect) => blocker(effect, "proved")),
    ...likely.map((effect) => blocker(effect, "likely")),
  ];
  const report = databaseReport({ holders: [holder({ blocks, locks, ...holderChange })], blockers });
  const [found] = candidatesOf(report, new Set(), parties(change));
  if (found === undefined) throw new Error("no candidate");
  return found;
}

const kinds = (doubts: readonly Doubt[]) => doubts.map(({ kind }) => kind);

const OFD = lock("RESERVED", { api: "ofd" });
const FLOCK = lock("FOREIGN", { api: "flock" });
const WRITER = [lock("SHARED"), lock("RESERVED")];
const IDS = (...ids: number[]) => ({ userIds: new Map([[4242, ids]]) });

test.each<[string, Scene, string[], string[]]>([
  ["a writer of the owner's", { proved: ["writers"], locks: WRITER }, [], []],
  ["an OFD lock alone", { likely: ["writers"], locks: [OFD] }, ["passed-lock"], ["passed-lock"]],
  ["a flock alone", { likely: ["readers", "writers"], locks: [FLOCK] }, ["passed-lock"], ["passed-lock"]],
  [
    "the database open, and an OFD lock that somebody passed it",
    { proved: ["journal-mode"], likely: ["writers"], locks: [lock("SHARED"), OFD] },
    ["passed-lock"],
    ["passed-lock"],
  ],
  [
    "it reads by itself, and writers are kept out by what was passed to it",
    { proved: ["commits"], likely: ["writers"], locks: [lock("SHARED"), OFD] },
    ["passed-lock"],
    [],
  ],
  [
    "a POSIX lock that it only waits for",
    { likely: ["writers"], locks: [lock("RESERVED", { waiting: true }), OFD] },
    ["passed-lock"],
    ["passed-lock"],
  ],
  [
    "WRITE on the -shm, and nothing on the database",
    { proved: ["writers"], locks: [lock("WRITE"), lock("DMS")] },
    ["companion-only"],
    ["companion-only"],
  ],
  [
    "WRITE on the -shm, and on the database a lock that was passed to it",
    { proved: ["writers"], locks: [lock("WRITE"), lock("SHARED", { api: "ofd" })] },
    ["companion-only"],
    ["companion-only"],
  ],
  ["WRITE on the -shm, and SHARED", { proved: ["writers"], locks: [lock("WRITE"), lock("SHARED")] }, [], []],
  [
    "another user's",
    { proved: ["writers"], locks: WRITER, parties: IDS(OTHER, OTHER) },
    ["other-user"],
    ["other-user"],
  ],
  [
    "root's, with the owner's effective id for a while",
    { proved: ["writers"], locks: WRITER, parties: IDS(ROOT, OWNER, ROOT, OWNER) },
    ["other-user"],
    ["other-user"],
  ],
  ["its user is not known", { proved: ["writers"], locks: WRITER, parties: IDS() }, ["other-user"], ["other-user"]],
  [
    "root's, in root's own database",
    { proved: ["writers"], locks: WRITER, parties: { owner: { uid: ROOT, name: "root" }, ...IDS(ROOT, ROOT) } },
    [],
    [],
  ],
  [
    "an OFD lock, and another user's",
    { likely: ["writers"], locks: [OFD], parties: IDS(OTHER) },
    ["passed-lock", "other-user"],
    ["passed-lock", "other-user"],
  ],
  ["the database is gone", { proved: ["writers"], locks: WRITER, parties: { owner: null, ...IDS(OTHER) } }, [], []],
  [
    "an ordinary user, in his own database",
    { likely: ["writers"], locks: [OFD], parties: { callerUid: OWNER, ...IDS(OTHER) } },
    [],
    [],
  ],
  [
    "an ordinary user, in another user's database",
    { likely: ["writers"], locks: [OFD], parties: { callerUid: OTHER, ...IDS(OTHER) } },
    ["passed-lock"],
    ["passed-lock"],
  ],
])("%s", (_, scene, byYes, byStale) => {
  const { doubts } = candidateOf(scene);
  expect({ byYes: kinds(doubts.byYes), byStale: kinds(doubts.byStale) }).toEqual({ byYes, byStale });
});

test("of a reader that a commit or a checkpoint waits for, a lock of its own is enough", () => {
  const doubts = (locks: readonly Lock[], sure: Blocker["sure"], waits: readonly Wait[]) => {
    const holders = [holder({ locks, activity: "reading", blocks: ["journal-mode"] })];
    const report = databaseReport({ holders, blockers: [blocker("journal-mode", sure)], waits });
    const [found] = candidatesOf(report, new Set(), parties());
    return { byYes: kinds(found?.doubts.byYes ?? []), byStale: kinds(found?.doubts.byStale ?? []) };
  };
  const wait = { pid: 1, lock: "READ1", blockedBy: [4242], byUnknown: false, sure: "proved" } as const;
  expect(doubts([lock("SHARED"), lock("READ1")], "proved", [{ ...wait, for: "checkpoint" }])).toEqual(NO_DOUBTS);
  const passed = { byYes: ["passed-lock"], byStale: ["passed-lock"] };
  const ofd = lock("SHARED", { api: "ofd" });
  expect(doubts([ofd], "likely", [{ ...wait, for: "commit" }])).toEqual(passed);
  expect(doubts([lock("SHARED"), lock("READ1")], "proved", [])).toEqual(passed);
});

test("the facts of each doubt", () => {
  const passed = candidateOf({ likely: ["writers"], locks: [OFD, FLOCK, lock("SHARED")] });
  expect(passed.doubts.byYes).toEqual([{ kind: "passed-lock", apis: ["ofd", "flock"] }]);
  const companion = candidateOf({ proved: ["writers"], locks: [lock("WRITE"), lock("DMS")] });
  expect(companion.doubts.byYes).toEqual([{ kind: "companion-only", roles: ["shm"] }]);
  const other = (ids: number[], change: Partial<Holder>) =>
    candidateOf({ proved: ["writers"], locks: WRITER, parties: IDS(...ids), holder: change }).doubts.byYes;
  const owner = { uid: OWNER, name: "web" };
  expect(other([OTHER], { uid: OTHER })).toEqual([{ kind: "other-user", user: { uid: OTHER, name: null }, owner }]);
  expect(other([ROOT, OWNER], { uid: OWNER })).toEqual([
    { kind: "other-user", user: { uid: ROOT, name: "root" }, owner },
  ]);
  expect(other([], { uid: null })).toEqual([{ kind: "other-user", user: null, owner }]);
});

test("nobody's word counts where whose what is does not matter", () => {
  const [found] = candidatesOf(databaseReport({ holders: [holder({ locks: [OFD], blocks: ["writers"] })] }), new Set());
  expect(found?.doubts).toEqual(NO_DOUBTS);
});

const BY_YES: Selection = { pids: [], stale: false, likely: false, force: false, interactive: false, picked: false };

test.each<[string, Partial<Selection>, string | undefined]>([
  ["--yes", {}, "passed-lock"],
  ["--stale", { stale: true }, undefined],
  ["--stale, and a person is asked", { stale: true, interactive: true }, undefined],
  ["--pid", { pids: [4242] }, undefined],
  ["picked from the list", { interactive: true, picked: true }, undefined],
])("one that reads by itself, and keeps writers out by what was passed to it: %s", (_, change, expected) => {
  const candidate = candidateOf({ proved: ["commits"], likely: ["writers"], locks: [lock("SHARED"), OFD] });
  const { refusals } = guard({ candidates: [candidate], refusals: [] }, { ...BY_YES, ...change }, new Set());
  expect(refusals[0]?.reason.kind).toBe(expected);
});

test.each<[string, Scene, string[]]>([
  ["it keeps writers out", { likely: ["writers"], locks: [OFD] }, ["passed-lock"]],
  ["it keeps others from a checkpoint", { likely: ["checkpoints"], locks: [OFD] }, ["passed-lock"]],
  ["it blocks nobody", { locks: [lock("SHARED", { api: "ofd" })] }, []],
  ["it blocks nobody, and is another user's", { locks: [], parties: IDS(OTHER) }, ["other-user"]],
])("what the list warns of: %s", (_, scene, expected) => {
  expect(kinds(warningsOf(candidateOf(scene)))).toEqual(expected);
});

test.each<[string, Scene, string]>([
  ["no journal could undo it", { likely: ["readers"], locks: [lock("EXCLUSIVE", { api: "ofd" })] }, "passed-lock"],
  ["its file was deleted", { likely: ["writers"], locks: [OFD], holder: { stale: ["deleted-file"] } }, "danger"],
])("a doubt, and a danger: %s", (_, scene, expected) => {
  const { refusals } = guard({ candidates: [candidateOf(scene)], refusals: [] }, BY_YES, new Set());
  expect(refusals[0]?.reason.kind).toBe(expected);
});
