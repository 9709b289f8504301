/** What holders do now that speaks for a cause of "database is locked", also where it is no finding. Pure. */
import { type DatabaseReport, isPathError, type Report } from "../../model/report.ts";

export const SIGN_IDS = ["exclusive", "writer", "reader"] as const;

/** A process holds EXCLUSIVE; it writes; it reads, so that nobody can commit. */
export type SignId = (typeof SIGN_IDS)[number];

export interface Sign {
  readonly id: SignId;
  /** Null where the owner of the lock is unknown. */
  readonly pid: number | null;
}

/** The first of each kind. */
export function signsOf({ holders, unownedLocks, journal }: DatabaseReport): Sign[] {
  const first = (id: SignId, holder: { readonly pid: number } | undefined): Sign[] =>
    holder === undefined ? [] : [{ id, pid: holder.pid }];
  const holdsExclusive = (locks: DatabaseReport["unownedLocks"]) =>
    locks.some(({ name, waiting }) => name === "EXCLUSIVE" && !waiting);
  const exclusive = first(
    "exclusive",
    holders.find(({ activity, locks }) => activity === "exclusive" && holdsExclusive(locks)),
  );
  const unknown: Sign[] = journal === null && holdsExclusive(unownedLocks) ? [{ id: "exclusive", pid: null }] : [];
  return [
    ...(exclusive.length > 0 ? exclusive : unknown),
    ...first(
      "writer",
      holders.find(
        ({ activity, blocks }) => (activity === "writing" || activity === "committing") && blocks.includes("writers"),
      ),
    ),
    ...first(
      "reader",
      holders.find(({ activity, blocks }) => activity === "reading" && blocks.includes("commits")),
    ),
  ];
}

/** The first of each kind on all databases. */
export function signsOn(report: Report | null): Sign[] {
  const all = report?.databases.flatMap((database) => (isPathError(database) ? [] : signsOf(database))) ?? [];
  return SIGN_IDS.flatMap((id) => all.find((sign) => sign.id === id) ?? []);
}
