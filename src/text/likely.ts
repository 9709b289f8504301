/** The words for what is likely and not proved, what it stands on, and what would prove it. Pure. */
import type { Holder } from "../model/report.ts";
import { duration } from "./duration.ts";
import { shellQuoted } from "./shell.ts";

type Age = Pick<Holder, "heldLikelyMs" | "heldLikelyBasis">;

/** A lock that is likely so old, in ms, may as well be of this moment. */
const SHORTEST_MS = 1000;

/** `~14 s`; null where nothing is known, or nothing that says something. */
export function likelyAge({ heldLikelyMs }: Age): string | null {
  return heldLikelyMs === null || heldLikelyMs < SHORTEST_MS ? null : `~${duration(heldLikelyMs)}`;
}

/** What it is doing at this moment, for the sentence on whom it blocks: `likely asleep for 14 s`, `likely for 14 s`. */
export function likelyClause({ heldLikelyMs, heldLikelyBasis }: Age): string | null {
  if (heldLikelyMs === null || heldLikelyMs < SHORTEST_MS) return null;
  return `likely ${heldLikelyBasis === "living-threads" ? "asleep " : ""}for ${duration(heldLikelyMs)}`;
}

/** What the estimate stands on, and why it is no proof. Sentences; null where there is none. */
export function basisText({ heldLikelyMs, heldLikelyBasis }: Age): string | null {
  if (heldLikelyMs === null || heldLikelyBasis === null) return null;
  const age = duration(heldLikelyMs);
  switch (heldLikelyBasis) {
    case "living-threads":
      return (
        `None of the threads that it has now has run for ${age}. That proves no age of the lock: a thread that has ` +
        "ended since may have taken it later."
      );
    case "journal-born":
      return (
        `The -journal of its transaction was made ${age} ago, and the database has not been changed since. That is ` +
        "likely when it began to write: files prove no age of a lock."
      );
    case "journal-written":
      return (
        `The last write to the -journal of its transaction was ${age} ago: likely it has been open for longer. Files ` +
        "prove no age of a lock."
      );
    case "wal-written":
      return (
        `The last write to the -wal was ${age} ago, and frames without a commit are at its end: likely they are its ` +
        "transaction's. Files prove no age of a lock."
      );
  }
}

/** A sentence, with the command. */
export function whatWouldProve(path: string): string {
  return (
    `To be sure, see whether it commits: sqlock watch ${shellQuoted(path)} shows each lock as it is taken and ` +
    "released, and from then on its age is proved."
  );
}
