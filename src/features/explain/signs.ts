/** What holders do now that speaks for a cause of "database is locked", also where it is no finding. Pure. */
import { type DatabaseReport, isPathError, type Report } from "../../model/report.ts";

export const SIGNS = ["exclusive", "writer", "reader"] as const;

/** Somebody has the database to himself; writes; reads, so that nobody can commit. */
export type SignId = (typeof SIGNS)[number];

export interface Sign {
  readonly id: SignId;
  /** Who does what. */
  readonly why: string;
}

/** The first of each kind. */
export function signsOf(database: DatabaseReport): Sign[] {
  const { holders, unownedLocks, journal } = database;
  const exclusive = holders.find(
    ({ activity, locks }) =>
      activity === "exclusive" && locks.some(({ name, waiting }) => name === "EXCLUSIVE" && !waiting),
  );
  const unknown = journal === null && unownedLocks.some(({ name, waiting }) => name === "EXCLUSIVE" && !waiting);
  const writer = holders.find(
    ({ activity, blocks }) => (activity === "writing" || activity === "committing") && blocks.includes("writers"),
  );
  const reader = holders.find(({ activity, blocks }) => activity === "reading" && blocks.includes("commits"));
  return [
    ...(exclusive === undefined ? [] : [{ id: "exclusive" as const, why: `${exclusive.pid} holds EXCLUSIVE now` }]),
    ...(exclusive === undefined && unknown
      ? [{ id: "exclusive" as const, why: "somebody unknown holds EXCLUSIVE now" }]
      : []),
    ...(writer === undefined ? [] : [{ id: "writer" as const, why: `${writer.pid} is writing now` }]),
    ...(reader === undefined ? [] : [{ id: "reader" as const, why: `${reader.pid} is reading now` }]),
  ];
}

export function signsOn(report: Report | null): Sign[] {
  const all = report?.databases.flatMap((database) => (isPathError(database) ? [] : signsOf(database))) ?? [];
  return SIGNS.flatMap((id) => all.find((sign) => sign.id === id) ?? []);
}
