/** What follows from the comparison of a -wal with the database that has left WAL mode. Pure. */
import type { Switched } from "./protocol.ts";
import type { NotCompared, Proof } from "./report.ts";

export type Comparison =
  | { readonly kind: "proved"; readonly proof: Proof }
  /** Pages that differ from the -wal, though no process has written since. */
  | { readonly kind: "lost"; readonly pages: readonly number[] }
  | { readonly kind: "not-compared"; readonly why: NotCompared };

export interface Compared extends Switched {
  /** Committed frames of the -wal, and the pages they are versions of. */
  readonly frames: number;
  readonly pages: number;
  /** Those that are not as the -wal has them. */
  readonly differing: readonly number[];
  /** The change counter in the database, read after the pages. */
  readonly counterNow: number | null;
}

/**
 * Each commit in rollback mode, and each change of the mode, counts one. So pages are lost only where the counter is
 * still that of the switch, and nobody could write while they were compared.
 */
export function conclude({ frames, pages, differing, held, counter, counterNow }: Compared): Comparison {
  if (differing.length === 0) return { kind: "proved", proof: { frames, pages, rewritten: 0 } };
  if (!held || counter === null || counterNow === null)
    return { kind: "not-compared", why: { kind: "may-be-rewritten", frames, pages, differing: differing.length } };
  return counter === counterNow
    ? { kind: "lost", pages: differing }
    : { kind: "proved", proof: { frames, pages, rewritten: differing.length } };
}
