/** Reads that have been open for so long that a person wants to know. Pure. */
import type { Holder } from "../../model/report.ts";
import { duration } from "../../text/duration.ts";

/** A transaction that has read keeps its lock or snapshot when the cursor is closed. */
export const HOW_TO_END_A_READ = "COMMIT or ROLLBACK; outside a transaction, read the cursor to its end or close it";

/** Its read has been open for that long, in ms, which is proved or likely. */
export function isLongRead(holder: Holder, limitMs: number): boolean {
  return ageOf(holder, limitMs).ms >= limitMs;
}

/** `has had a read open for at least 7 m 3 s`, `have likely had reads open for 7 m 3 s`. */
export function openReadsClause(readers: readonly Holder[], limitMs: number): string {
  const ages = readers.map((reader) => ageOf(reader, limitMs));
  const age = duration(Math.min(...ages.map(({ ms }) => ms)));
  const proved = ages.every((each) => each.proved);
  const [has, what] = readers.length === 1 ? ["has", "a read"] : ["have", "reads"];
  return `${has} ${proved ? "" : "likely "}had ${what} open for ${proved ? "at least " : ""}${age}`;
}

/** The proved one where it is long enough. In ms; 0: unknown. */
function ageOf(
  { heldAtLeastMs, heldLikelyMs }: Holder,
  limitMs: number,
): { readonly ms: number; readonly proved: boolean } {
  const provedMs = heldAtLeastMs ?? 0;
  return heldLikelyMs === null || provedMs >= limitMs
    ? { ms: provedMs, proved: true }
    : { ms: heldLikelyMs, proved: false };
}
