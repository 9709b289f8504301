/** A cause as the answer has it, with the code of the library in question. Pure. */
import type { Cause } from "./entry.ts";
import type { ExplainedCause } from "./explanation.ts";
import { type LibraryId, libraryOf } from "./libraries.ts";
import type { RankedCause } from "./rank.ts";
import type { Reading } from "./reading.ts";

export function explainedCause(
  { cause, likelihood, reason }: RankedCause,
  rank: number,
  reading: Pick<Reading, "library" | "language"> | undefined,
): ExplainedCause {
  const { id, what, tell, cure, findings, waited = null, processes = null } = cause;
  const code = codeFor(cause, reading);
  return { rank, id, what, tell, cure, code, findings, waited, processes, likelihood, reason };
}

/** For the library, else for what it is built on, else for its language, else in SQL. */
function codeFor(
  { code = [] }: Cause,
  reading: Pick<Reading, "library" | "language"> | undefined,
): ExplainedCause["code"] {
  const id = reading?.library?.id ?? null;
  const language = reading?.language ?? null;
  const below: readonly string[] = id === null ? [] : (libraryOf(id).over ?? []);
  const preferences: ((each: LibraryId) => boolean)[] = [
    (each) => each === id,
    (each) => below.includes(each),
    (each) => language !== null && libraryOf(each).language === language,
    (each) => each === "sqlite",
  ];
  for (const fits of preferences) {
    const first = code.find((each) => fits(each.library))?.library;
    if (first !== undefined) return code.filter((each) => each.library === first);
  }
  return [];
}
