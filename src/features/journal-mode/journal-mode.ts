/** Shows the mode, or switches it: look → obstacles → the switch → look again → result. */
import { isPathError, type PathError } from "../../model/report.ts";
import { sleep } from "../../time.ts";
import { type Blockers, blockersOf, isFree, NO_BLOCKERS } from "./blockers.ts";
import { keptModeOf, look, type SwitchLook } from "./look.ts";
import { obstaclesOf, standing } from "./obstacles.ts";
import { type ReadBack, readBack } from "./read-back.ts";
import { reasonAfterSwitch, type SwitchReason } from "./reason.ts";
import type { KeptMode } from "./report.ts";
import type { SwitchResult } from "./result.ts";
import { type SwitchOutcome, switchMode } from "./switch.ts";

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
  const seen = await lookUntilSure(givenAs, settings);
  if (isPathError(seen)) return seen;
  const { asked, dryRun, waitMs, onWaiting } = settings;
  const shown = resultOfLook(seen, settings);
  if (asked === null || dryRun || shown.needless || standing(shown.obstacles).length > 0) return shown;
  const { path } = seen.database;
  const outcome = await switchMode(path, asked, waitMs, onWaiting);
  const later = await look(givenAs);
  const read = outcome.failure === null ? await readBack(path) : null;
  return resultOfSwitch(shown, outcome, isPathError(later) ? null : later, read);
}

/** How often a file that seems to be cut off is looked at again, and how long after the look before, in ms. */
const MORE_LOOKS = 4;
const NEXT_LOOK_MS = 40;

/** A commit that makes the file grow between the look at its size and the one at its header makes it seem cut off. */
async function lookUntilSure(givenAs: string, settings: SwitchSettings): Promise<SwitchLook | PathError> {
  for (let looks = 0; ; looks++) {
    const seen = await look(givenAs);
    if (isPathError(seen) || looks === MORE_LOOKS) return seen;
    if (!resultOfLook(seen, settings).obstacles.some(({ kind }) => kind === "cut-off")) return seen;
    await sleep(NEXT_LOOK_MS);
  }
}

export function resultOfLook(
  { database, unseen, access }: SwitchLook,
  { asked, dryRun, force }: Pick<SwitchSettings, "asked" | "dryRun" | "force">,
): SwitchResult {
  const before = keptModeOf(database);
  const to = asked ?? (before === "wal" ? "delete" : "wal");
  const needless = before === asked || (before === null && asked === "delete");
  const context = { database, access, asRoot: process.geteuid?.() === 0 };
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
    reason,
    blockers,
    database,
    proof: null,
    waitedMs: null,
  };
}

function resultOfSwitch(
  shown: SwitchResult,
  outcome: SwitchOutcome,
  later: SwitchLook | null,
  read: ReadBack | null,
): SwitchResult {
  const { asked, before, unseen } = shown;
  const after = later === null ? null : keptModeOf(later.database);
  const hidden = unseen !== null && unseen.processes === null;
  return {
    ...shown,
    after,
    reason: reasonAfterSwitch({ asked, before, after, hidden }, outcome, read),
    blockers: outcome.failure?.kind === "busy" ? outcome.blockers : NO_BLOCKERS,
    database: later?.database ?? null,
    proof: outcome.comparison?.kind === "proved" ? outcome.comparison.proof : null,
    waitedMs: Math.round(outcome.waitedMs),
  };
}
