/** Problems by what they are in: a table, an index, or neither. Pure. */
import { groupBy } from "../../features/integrity/group-by.ts";
import type { CheckName, Problem } from "../../features/integrity/report.ts";

export interface ProblemGroup {
  readonly check: CheckName;
  readonly table: string | null;
  readonly index: string | null;
  readonly problems: readonly Problem[];
}

/** In the order in which they were found; those of a table one after another. */
export function groupsOf(problems: readonly Problem[]): ProblemGroup[] {
  return [...groupBy(problems, ({ table }) => table).values()].flatMap((ofTable) =>
    [...groupBy(ofTable, ({ check, index }) => JSON.stringify([check, index])).values()].map((same) => {
      const [{ check, table, index }] = same;
      return { check, table, index, problems: same };
    }),
  );
}
