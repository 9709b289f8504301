/** The words for what is likely and not proved, what it stands on, and what would prove it. Pure. */
import type { Holder } from "../model/report.ts";
import { duration } from "./duration.ts";
import { shellQuoted } from "./shell.ts";

type Age = Pick<Holder, "heldLikelyMs" | "heldLikelyBasis">;

/** A lock that is likely so old, in ms, may as well be of this moment. */
const SHORTEST_MS = 1000;

export function hasLikelyAge({ heldLikelyMs }: Pick<Age, "heldLikelyMs">): boolean {
  return heldLikelyMs !== null && heldLikelyMs >= SHORTEST_MS;
}

/** `~14 s`; null where nothing is known, or nothing that says something. */
export function likelyAge({ heldLikelyMs }: Age): string | null {
  return heldLikelyMs === null || !hasLikelyAge({ heldLikelyMs }) ? null : `~${duration(heldLikelyMs)}`;
}

/** What it is doing at this moment, for the sentence on what it blocks: `likely asleep for 14 s`, `likely for 14 s`. */
export function likelyClause({ heldLikelyMs, heldLikelyBasis }: Age): string | null {
  if (heldLikelyMs === null || !hasLikelyAge({ heldLikelyMs })) return null;
  return `likely ${heldLikelyBasis === "living-threads" ? "asleep " : ""}for ${duration(heldLikelyMs)}`;
}

/** What the estimate stands on, and why it is no proof. Sentences; null where there is none. */
export function basisText({ heldLikelyMs, heldLikelyBasis }: Age): string | null {
  if (heldLikelyMs === null || heldLikelyBasis === null) return null;
  const age = duration(heldLikelyMs);
  switch (heldLikelyBasis) {
    case "living-threads":
      return (
        `None of its current threads has run for ${age}. That does not prove how old the lock is: a thread that has ` +
        "since ended may have taken it later."
      );
    case "journal-born":
      return (
        `The -journal of its transaction was created ${age} ago, and the database has not changed since. That is ` +
        "likely when it began to write: files do not prove how old a lock is."
      );
    case "journal-written":
      return (
        `The last write to the -journal of its transaction was ${age} ago: likely it has been open for longer. Files ` +
        "do not prove how old a lock is."
      );
    case "wal-written":
      return (
        `The last write to the -wal was ${age} ago, and frames without a commit are at its end: they likely belong ` +
        "to its transaction. Files do not prove how old a lock is."
      );
  }
}

/** A sentence, with the command. */
export function whatWouldProve(path: string): string {
  return (
    `To be sure, check whether it commits: sqlock watch ${shellQuoted(path)} shows each lock as it is taken and ` +
    "released, and from then on its age is proved."
  );
}
