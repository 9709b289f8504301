/** The given database cannot be used for a load, for a reason that integrity finds. Pure. */
import type { CheckResult } from "../integrity/result.ts";

/** Data for the command, which has the words (src/render/stress/unusable-database.ts). */
export class UnusableDatabase extends Error {
  override readonly name = "UnusableDatabase";
  readonly kind: "not-a-database" | "corrupt";
  readonly givenAs: string;
  readonly check: CheckResult;

  constructor(kind: UnusableDatabase["kind"], givenAs: string, check: CheckResult) {
    super(`${givenAs}: ${kind}`);
    this.kind = kind;
    this.givenAs = givenAs;
    this.check = check;
  }
}
