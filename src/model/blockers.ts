/** Which process blocks what. Pure. */
import { blocksOfLock, type ProtocolState } from "../sqlite/activity.ts";
import { BLOCKS, isHeldWhileOpen, keepsReadersOrWritersOut } from "../sqlite/locks.ts";
import { effectiveLocks, type HolderParts } from "./holder.ts";
import { likelyAgeOf, type TransactionOnFile } from "./likely-age.ts";
import type { Blocker, Holder, Lock, Wait } from "./report.ts";

/** A holder that keeps others from more than a change of the journal mode. */
export function blocksSomebody(holder: Pick<Holder, "blocks">): boolean {
  return holder.blocks.some((block) => block !== "journal-mode");
}

/** A holder that keeps readers or writers out now. */
export function keepsOthersOut({ blocks }: Pick<Holder, "blocks">): boolean {
  return blocks.includes("readers") || blocks.includes("writers");
}

/** Locks without a known owner that keep readers or writers out. */
export function blockingUnowned(locks: readonly Lock[]): Lock[] {
  return locks.filter((lock) => !lock.waiting && keepsReadersOrWritersOut(lock));
}

/** For each thing that a holder keeps others from, the first of its locks that does. `transaction`: the one on file. */
export function blockersOfHolder(
  { pid, heldAtLeastMs, heldLikelyBasis, heldLikelyMs }: Holder,
  parts: HolderParts,
  state: ProtocolState,
  transaction: TransactionOnFile | null,
): Blocker[] {
  const byFiles = heldLikelyBasis !== null && heldLikelyBasis !== "living-threads";
  return blockersOf(effectiveLocks(parts), state).map(({ effect, lock }): Blocker => {
    return {
      pid,
      lock: lock.name,
      effect,
      heldAtLeastMs,
      // with its write lock it has the other locks of that connection
      heldLikelyMs: byFiles ? heldLikelyMs : (likelyAgeOf(parts, [lock], transaction, heldAtLeastMs)?.ms ?? null),
      // An OFD lock shows in every process that has a copy of its descriptor.
      sure: lock.api === "posix" ? "proved" : "likely",
      waitsFor: [],
    };
  });
}

/** The same for locks whose owner cannot be told. */
export function unknownBlockers(locks: readonly Lock[], state: ProtocolState): Blocker[] {
  return blockersOf(locks, state).map(
    ({ effect, lock }): Blocker => ({
      pid: null,
      lock: lock.name,
      effect,
      heldAtLeastMs: null,
      heldLikelyMs: null,
      sure: "unknown",
      waitsFor: [],
    }),
  );
}

/** Each with those that its process waits for itself. */
export function withWaits(blockers: readonly Blocker[], waits: readonly Wait[]): Blocker[] {
  return blockers.map((blocker) => ({
    ...blocker,
    waitsFor: [...new Set(waits.flatMap(({ pid, blockedBy }) => (pid === blocker.pid ? blockedBy : [])))],
  }));
}

function blockersOf(locks: readonly Lock[], state: ProtocolState) {
  const held = locks.filter((lock) => !lock.waiting).map((lock) => ({ lock, blocks: blocksOfLock(lock, state) }));
  return BLOCKS.flatMap((effect) => {
    const some = held.filter(({ blocks }) => blocks.includes(effect));
    const ofPosix = some.filter(({ lock }) => lock.api === "posix");
    const proved = ofPosix.length > 0 ? ofPosix : some;
    // In WAL mode the journal mode cannot be changed before the connection is closed, whatever it does meanwhile.
    const lasting = effect === "journal-mode" && state.journalMode === "wal" ? proved.find(isLasting) : undefined;
    const first = lasting ?? proved[0];
    return first === undefined ? [] : [{ effect, lock: first.lock }];
  });
}

function isLasting({ lock }: { readonly lock: Lock }): boolean {
  return isHeldWhileOpen(lock);
}
