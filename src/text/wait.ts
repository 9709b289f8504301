/** Which process waits for which, in words. Pure. */
import type { DatabaseReport, Holder, Wait } from "../model/report.ts";
import { hasGivenUpCommit } from "../model/waits.ts";
import { nameOf } from "./holder.ts";
import { list } from "./list.ts";

type Waiting = Pick<DatabaseReport, "holders" | "waits">;

/** `waits to commit until the read of 4243 (python report.py) has finished (PENDING)`. */
export function committingClause(holder: Holder, { holders, waits }: Waiting): string {
  const wait = waits.find((each) => each.pid === holder.pid && each.for === "commit");
  if (hasGivenUpCommit(holder, waits)) return "holds PENDING, likely since a commit that was refused";
  if (wait === undefined) return "holds PENDING for a commit";
  const has = causesOf(wait, holders).length === 1 ? "has" : "have";
  return `waits to commit until the ${readsText(wait, holders)} ${has} finished (PENDING)`;
}

/** `Its checkpoint waits for the read of 4243 (python report.py).` Null for one that does not wait. */
export function checkpointCause(pid: number, { holders, waits }: Waiting): string | null {
  const wait = waits.find((each) => each.pid === pid && each.for === "checkpoint");
  if (wait === undefined) return null;
  return `Its checkpoint ${wait.sure === "likely" ? "likely " : ""}waits for the ${readsText(wait, holders)}.`;
}

/** `4243 (app) waits for WRITE (F_SETLKW); 4242 (python manage.py shell) blocks it.` */
export function lockWaitSentences({ holders, waits }: Waiting): string[] {
  return waits.flatMap((wait) => {
    if (wait.for !== "lock") return [];
    const waiting = `${nameOfPid(wait.pid, holders)} waits for ${wait.lock} (F_SETLKW)`;
    const owners = causesOf(wait, holders);
    if (owners.length === 0) return [`${waiting}; the process that holds it cannot be seen.`];
    return [`${waiting}; ${list(owners)} ${owners.length === 1 ? "blocks" : "block"} it.`];
  });
}

function readsText(wait: Wait, holders: readonly Holder[]): string {
  const readers = causesOf(wait, holders);
  return `read${readers.length === 1 ? "" : "s"} of ${list(readers)}`;
}

function causesOf({ blockedBy, byUnknown }: Wait, holders: readonly Holder[]): string[] {
  return [...blockedBy.map((pid) => nameOfPid(pid, holders)), ...(byUnknown ? ["an unknown process"] : [])];
}

function nameOfPid(pid: number, holders: readonly Holder[]): string {
  const holder = holders.find((each) => each.pid === pid);
  return holder === undefined ? String(pid) : nameOf(holder);
}
