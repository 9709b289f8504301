/** From the checks of a database to its verdict. Pure. */
import { type Reason, reasonCodeOf } from "./reasons.ts";
import type { Verdict } from "./report.ts";
import type { CheckOutcome } from "./result.ts";

/** Corrupt where a check failed; else not checked where a part was not checked that was asked for; else ok. */
export function verdictOfChecks(checks: readonly CheckOutcome[]): Verdict {
  if (checks.some(({ failed }) => failed)) return "corrupt";
  return uncheckedParts(checks).length > 0 ? "not-checked" : "ok";
}

/** For each check that has no full result: why. Not what was left out on purpose. */
export function uncheckedParts(checks: readonly CheckOutcome[]): (readonly [Reason, ...Reason[]])[] {
  return checks.flatMap(({ reasons }) => {
    const [first, ...rest] = reasons.filter((reason) => reasonCodeOf(reason) !== "left-out");
    return first === undefined ? [] : [[first, ...rest] as const];
  });
}
