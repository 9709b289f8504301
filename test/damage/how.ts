/** How sqlock checked the indexes, as its document has it: whether a run proves anything about the merges. */
import type { DatabaseCheck, StructureWay } from "../../src/features/integrity/report.ts";

type Checked = Pick<DatabaseCheck, "checks" | "verdict">;

function wayOf({ checks }: Pick<Checked, "checks">): StructureWay | null {
  return checks.find(({ name }) => name === "structure")?.way ?? null;
}

/** An index was compared with its table, or was about to be when quick_check found something. */
export function byMerge(entry: Pick<Checked, "checks">): boolean {
  const way = wayOf(entry);
  return way !== null && (way.way === "merge" || way.notMerged.includes("differs"));
}

/** Of the databases with one damage. */
interface Tally {
  databases: number;
  /** At least one index is the same as its table by a merge. */
  merged: number;
  /** quick_check or a merge found something that differs: then integrity_check ran. */
  differs: number;
  /** A merge would have proved nothing: then integrity_check ran. */
  unproved: number;
  corrupt: number;
}

const COLUMNS = ["databases", "merged", "differs", "unproved", "corrupt"] as const satisfies readonly (keyof Tally)[];

export class Tallies {
  readonly #byDamage = new Map<string, Tally>();
  #mergedIndexes = 0;

  /** Of all databases: indexes that are the same as their tables by a merge. */
  get mergedIndexes(): number {
    return this.#mergedIndexes;
  }

  add(damages: readonly string[], entry: Checked): void {
    const way = wayOf(entry);
    this.#mergedIndexes += way?.mergedIndexes ?? 0;
    for (const name of [...new Set(damages), ...(damages.length === 0 ? ["none"] : []), "all"]) {
      const tally = this.#byDamage.get(name) ?? { databases: 0, merged: 0, differs: 0, unproved: 0, corrupt: 0 };
      this.#byDamage.set(name, tally);
      tally.databases++;
      if ((way?.mergedIndexes ?? 0) > 0) tally.merged++;
      if (way?.notMerged.includes("differs") === true) tally.differs++;
      if (way?.notMerged.includes("unproved") === true) tally.unproved++;
      if (entry.verdict === "corrupt") tally.corrupt++;
    }
  }

  lines(): string[] {
    return [
      `${COLUMNS.map((column) => column.padStart(10)).join("")}  damage`,
      ...[...this.#byDamage]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, tally]) => `${COLUMNS.map((column) => String(tally[column]).padStart(10)).join("")}  ${name}`),
      `${this.#mergedIndexes} indexes are the same as their tables by a merge`,
    ];
  }
}
