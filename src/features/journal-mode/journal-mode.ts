/** Shows the mode, or switches it: look → obstacles → the switch → look again → result. */
import { type DatabaseReport, isPathError, type PathError } from "../../model/report.ts";
import { type PinnedDatabase, pinDatabase } from "../../observe/pinned.ts";
import { anotherFileError } from "../../observe/same-file.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { sleep } from "../../time.ts";
import { type Blockers, blockersOf, isFree, NO_BLOCKERS } from "./blockers.ts";
import { watchLockDirectory } from "./lock-directory.ts";
import { keptModeOf, look, lookAgain, type Seen, type SwitchLook } from "./look.ts";
import { type Obstacle, obstaclesOf, standing } from "./obstacles.ts";
import type { Opening } from "./protocol.ts";
import { type ReadBack, readBack } from "./read-back.ts";
import { reasonAfterSwitch, type SwitchReason } from "./reason.ts";
import type { KeptMode } from "./report.ts";
import type { SwitchResult } from "./result.ts";
import { type SwitchOutcome, switchMode } from "./switch.ts";
import { signOfWrite } from "./write-signs.ts";

export interface SwitchSettings {
  /** Null: the mode is only shown. */
  readonly asked: KeptMode | null;
  readonly waitMs: number;
  readonly dryRun: boolean;
  readonly force: boolean;
  /** Called each time that the blockers are others. */
  readonly onWaiting: (blockers: Blockers) => void;
}

/** @returns the result, or why nothing could be looked at. @throws UserError */
export async function journalMode(givenAs: string, settings: SwitchSettings): Promise<SwitchResult | PathError> {
  const { asked, dryRun, waitMs, onWaiting } = settings;
  // What only looks follows every link.
  const pinned = asked === null ? undefined : await pinDatabase(givenAs);
  const seen = await lookUntilSure(givenAs, pinned, settings);
  if (isPathError(seen)) return seen;
  const shown = resultOfLook(seen, settings);
  const opening = openingOf(seen);
  if (asked === null || dryRun || shown.needless || opening === null || standing(shown.obstacles).length > 0)
    return shown;
  const watch = watchLockDirectory(opening.path);
  try {
    const outcome = await switchMode(opening, asked, waitMs, onWaiting);
    const later = await lookAfter(opening, seen.database);
    const read = outcome.failure === null ? await readBack(opening) : null;
    return resultOfSwitch(shown, outcome, later, read, await watch.seen());
  } finally {
    watch.close();
  }
}

/** Null where no user can open it. */
function openingOf({ database: { path }, pins, opener }: SwitchLook): Opening | null {
  const [database] = pins;
  return database === undefined || opener.kind === "no-user" || opener.actor.kind === "isolated"
    ? null
    : { path, database, pins, user: opener.user };
}

/** How often a file that seems to be cut off, or replaced, is looked at again, and how long after that look, in ms. */
const MORE_LOOKS = 4;
const NEXT_LOOK_MS = 40;

/** A connection that is just opened or closed looks as if it lacked locks. */
function isPassing(kind: Obstacle["kind"]): boolean {
  return kind === "cut-off" || kind === "other-locking";
}

/** A commit that makes the file grow between the look at its size and the one at its header makes it seem cut off. */
async function lookUntilSure(
  givenAs: string,
  pinned: PinnedDatabase | undefined,
  settings: SwitchSettings,
): Promise<SwitchLook | PathError> {
  for (let looks = 0; ; looks++) {
    const seen = await look(givenAs, pinned);
    if (seen !== null) {
      if (isPathError(seen) || looks === MORE_LOOKS) return seen;
      if (!resultOfLook(seen, settings).obstacles.some(({ kind }) => isPassing(kind))) return seen;
    } else if (looks === MORE_LOOKS) {
      throw anotherFileError(pinned?.path ?? givenAs);
    }
    await sleep(NEXT_LOOK_MS);
  }
}

/** A connection that is just opened or closed at the moment of the look seems to lack locks. */
async function lookAfter({ path, database }: Opening, before: DatabaseReport): Promise<Seen | null> {
  for (let looks = 0; ; looks++) {
    const later = await lookAgain(path, database);
    if (later === null || looks === MORE_LOOKS || signOfWrite(before, later.database, false)?.kind !== "users")
      return later;
    await sleep(NEXT_LOOK_MS);
  }
}

export function resultOfLook(
  { database, unseen, access, opener }: Omit<SwitchLook, "pins">,
  { asked, dryRun, force }: Pick<SwitchSettings, "asked" | "dryRun" | "force">,
): SwitchResult {
  const before = keptModeOf(database);
  const to = asked ?? (before === "wal" ? "delete" : "wal");
  const needless = before === asked || (before === null && asked === "delete");
  const context = { database, access, opener, asRoot: process.geteuid?.() === 0, viewer: viewerHere(), unseen };
  const obstacles = needless ? [] : obstaclesOf(context, to, force);
  const blockers = needless ? NO_BLOCKERS : blockersOf(database);
  const [obstacle] = standing(obstacles);
  const reason: SwitchReason | null =
    obstacle !== undefined
      ? { kind: "obstacle", obstacle }
      : isFree(blockers)
        ? null
        : { kind: "blocked", blockers, walMode: before === "wal", hidden: false };
  return {
    asked,
    dryRun,
    to,
    needless,
    context,
    unseen,
    before,
    obstacles,
    wouldSwitch: reason === null,
    after: before,
    changed: false,
    reason,
    blockers,
    database,
    proof: null,
    notCompared: null,
    waitedMs: null,
  };
}

export function resultOfSwitch(
  shown: SwitchResult,
  outcome: SwitchOutcome,
  later: Seen | null,
  read: ReadBack | null,
  lockDirectorySeen = false,
): SwitchResult {
  const { asked, before, unseen } = shown;
  const { failure, comparison } = outcome;
  const after = later === null ? null : keptModeOf(later.database);
  const hidden = unseen !== null && unseen.processes === null;
  const sign = later === null ? null : signOfWrite(shown.context.database, later.database, lockDirectorySeen);
  const switched = failure === null || (failure.kind === "another-file" && failure.switched);
  return {
    ...shown,
    after,
    changed: later === null ? switched : after !== before,
    reason: reasonAfterSwitch({ asked, before, after, isThere: later !== null, hidden, sign }, outcome, read),
    blockers: failure?.kind === "busy" ? outcome.blockers : NO_BLOCKERS,
    database: later?.database ?? null,
    proof: comparison?.kind === "proved" ? comparison.proof : null,
    notCompared: comparison?.kind === "not-compared" ? comparison.why : null,
    waitedMs: Math.round(outcome.waitedMs),
  };
}
