/** Which processes hold the database at the end, which of them still block others, and what to do about it. Pure. */
import { isStillBlocked, stillBlocking, takeTurns } from "../../features/kill/exit-code.ts";
import type { KillReport, Spared } from "../../features/kill/result.ts";
import { lockKind } from "../../findings/lock-directory.ts";
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import type { Holder } from "../../model/report.ts";
import { asOwnerOf, asRoot } from "../../text/as-root.ts";
import { hiddenHolderClause } from "../../text/hidden.ts";
import { nameOf } from "../../text/holder.ts";
import { likelyAge } from "../../text/likely.ts";
import { count, list } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { quotedPath } from "../../text/shell.ts";
import { thawCommand } from "../../text/thaw.ts";
import { turnsClause } from "./doubt.ts";
import { ANOTHER_FILE } from "./reason.ts";

type Left = Pick<KillReport, "spared" | "remaining" | "unownedLocks" | "blockers" | "lockDirectory" | "outOfSight">;

/** Where no process was signalled: which ones hold it, and why none of them was selected. */
export function nobodyText(left: Left): string {
  const unseen = unseenClauses(left);
  if (left.spared.length > 0) return [...left.spared.map(sparedClause), ...unseen].join("; ");
  if (left.remaining.length === 0) return list(unseen) || `${nobody(left.outOfSight)} holds it`;
  return [unselectedText(left.remaining), ...unseen].join("; ");
}

/** `4242 (python app.py) takes turns (…): it is not stuck; …`. */
export function sparedClause({ holder, turns }: Spared): string {
  return `${turnsClause(turns, nameOf(holder))}; to end it anyway: --pid ${holder.pid}`;
}

function unselectedText(remaining: readonly Holder[]): string {
  const blockers = remaining.filter(blocksSomebody);
  if (blockers.length === 0) return `${holdersText(remaining, "it")}, and ${noneBlocks(remaining)}`;
  const likely = blockers.filter(({ stale }) => stale.includes("likely-idle-in-transaction"));
  if (!blockers.some(keepsOthersOut))
    return `${holdersText(remaining, "it")}, and ${lesserEffectText(blockers, remaining.length)}`;
  const why =
    `${blockers.length === 1 ? "the one that blocks others is not" : "none of those that block others is"} ` +
    "stopped, idle in a transaction or left over";
  const pids = list(likely.map(({ pid }) => pid));
  const more = pids === "" ? "" : `; likely idle in a transaction, which --likely selects: ${pids}`;
  return `${holdersText(remaining, "it")}, and ${why}; blocking: ${blockers.map(nameOf).join(", ")}${more}`;
}

/** Of reads: `it blocks only checkpoints: 4242 (python report.py)`. */
function lesserEffectText(blockers: readonly Holder[], holders: number): string {
  const effects = ["commits", "checkpoints"] as const;
  const blocked = list(effects.filter((effect) => blockers.some(({ blocks }) => blocks.includes(effect))));
  const names = blockers.map(nameOf).join(", ");
  if (holders === 1) return `it blocks only ${blocked}: ${names}`;
  return blockers.length === 1
    ? `one of them blocks others, and only ${blocked}: ${names}`
    : `${blockers.length} of them block others, and only ${blocked}: ${names}`;
}

export function remainingText(report: KillReport): string {
  const { remaining, path, recoversOnOpen, pathChanged } = report;
  if (pathChanged) return `${path}: ${ANOTHER_FILE}; which processes hold that one was not checked.`;
  const unseen = unseenClauses(report);
  if (remaining.length === 0) {
    if (unseen.length > 0) return `${capitalized(nobody(true))} holds ${path} now; ${unseen.join("; ")}.`;
    const recovery = recoversOnOpen ? "; the next program that opens it recovers it" : "";
    return `${capitalized(nobody(report.outOfSight))} holds ${path} now${recovery}.`;
  }
  const blockers = remaining.filter(blocksSomebody);
  const rest =
    blockers.length === 0 ? noneBlocks(remaining) : `blocking: ${blockers.map(nameOf).join(", ")}${turnsText(report)}`;
  return `${[`${holdersText(remaining, path)} now`, rest, ...unseen].join("; ")}.`;
}

/** What keeps others out, and names no process. */
function unseenClauses({ unownedLocks, lockDirectory }: Left): string[] {
  const hidden = hiddenHolderClause(unownedLocks);
  return [
    ...(hidden === null ? [] : [hidden]),
    ...(lockDirectory === null ? [] : [`the lock ${lockKind(lockDirectory)} ${lockDirectory.path} exists`]),
  ];
}

/** In brackets: they block no process for long. */
function turnsText(report: Pick<KillReport, "progress">): string {
  const { progress } = report;
  return progress !== null && takeTurns(report)
    ? ` (only for moments: at least ${count(progress.commits, "commit")} within ${progress.withinMs} ms)`
    : "";
}

function nobody(outOfSight: boolean): string {
  return outOfSight ? "no process that can be seen" : "no process";
}

/** It, or they, may still block a change of the journal mode, as every open connection in WAL mode does. */
function noneBlocks({ length }: readonly Holder[]): string {
  return `${length === 1 ? "it does not block" : "none of them blocks"} readers, writers, commits or checkpoints`;
}

/** `1 process holds it`. */
function holdersText({ length }: readonly Holder[], what: string): string {
  return `${count(length, "process", "processes")} ${length === 1 ? "holds" : "hold"} ${what}`;
}

/**
 * A sentence for each process that still keeps readers, writers or commits out, and one where it is not safe to open
 * the database although no lock shows that; none where the database is free.
 */
export function adviceTexts(report: KillReport): string[] {
  if (report.pathChanged || !isStillBlocked(report)) return [];
  const { remaining, blockers, lockDirectory, givenAs, viewer } = report;
  const still = stillBlocking({ blockers });
  const effects = (who: number | null) => effectsText(still.filter(({ pid }) => pid === who));
  const ofHolders = remaining.flatMap((holder) => {
    const what = effects(holder.pid);
    return what === "" ? [] : `${nameOf(holder)} still blocks ${what}: ${adviceFor(holder, report)}.`;
  });
  const unknown = effects(null);
  const ofUnknown =
    unknown === ""
      ? []
      : [
          `A process that cannot be seen still blocks ${unknown}: ` +
            `${asRoot(`sqlock who-holds ${quotedPath(givenAs)}`, viewer)} may show it.`,
        ];
  const ofDirectory =
    lockDirectory === null
      ? []
      : [
          `${lockDirectory.path} still keeps out every program that locks in this way: sqlock who-holds ` +
            `${quotedPath(givenAs)} says which process it may belong to, and whether it can be removed.`,
        ];
  return [
    ...ofHolders,
    ...ofUnknown,
    ...ofDirectory,
    ...unsafeTexts(report),
    ...(report.unknown === null ? [] : [report.unknown]),
  ];
}

/** What to do is in the findings, which the report shows below. */
function unsafeTexts({ unsafeToOpen, remaining }: KillReport): string[] {
  if (unsafeToOpen.length === 0) return [];
  const ofNames = new Map<string, Set<string>>();
  for (const { id, pids } of unsafeToOpen) {
    const names = list(remaining.filter(({ pid }) => pids.includes(pid)).map(nameOf));
    ofNames.set(names, new Set([...(ofNames.get(names) ?? []), id]));
  }
  const reasons = [...ofNames].map(([names, ids]) => `${list([...ids])}${names === "" ? "" : ` of ${names}`}`);
  return [
    `The database is not safe to open now, although no lock shows that (${reasons.join("; ")}): see below what ` +
      `to do first.`,
  ];
}

/** A process that keeps writers out keeps their commits out as well. */
function effectsText(blockers: KillReport["blockers"]): string {
  const effects = [...new Set(blockers.map(({ effect }) => effect))];
  return list(effects.includes("writers") ? effects.filter((effect) => effect !== "commits") : effects);
}

function adviceFor(holder: Holder, { givenAs, viewer }: Pick<KillReport, "givenAs" | "viewer">): string {
  const { pid, state, stale } = holder;
  const thaw = thawCommand(holder, viewer);
  const kill = `sqlock kill ${quotedPath(givenAs)} --stale --likely`;
  if (thaw !== null) return `its cgroup is frozen; ${thaw} lets it finish`;
  if (state === "stopped") return `${asOwnerOf(holder, `kill -CONT ${pid}`, viewer)} lets it finish`;
  if (stale.includes("likely-idle-in-transaction"))
    return (
      `its transaction is likely abandoned (${likelyAge(holder) ?? "?"}); to see whether it ends: sqlock watch ` +
      `${quotedPath(givenAs)}; to end the process: ${asOwnerOf(holder, kill, viewer)}`
    );
  return (
    `let it finish (sqlock watch ${quotedPath(givenAs)} shows whether it does), or end its transaction in that ` +
    `program; to see what ending the process would lose: sqlock kill ${quotedPath(givenAs)} --pid ${pid} --dry-run`
  );
}
