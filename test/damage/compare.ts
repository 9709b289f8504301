/** The verdicts of sqlock beside those of SQLite's bare pragmas, on databases damaged on purpose. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { DatabaseCheck } from "../../src/features/integrity/report.ts";
import { ROOT } from "../support/root.ts";
import { type BareAnswer, BareSqlite } from "./bare.ts";
import { byMerge } from "./how.ts";
import { make } from "./make.ts";
import { describe, type Recipe } from "./recipe.ts";
import { snapshot } from "./snapshot.ts";
import { otherWords } from "./words.ts";

export interface Comparison {
  readonly recipe: Recipe;
  readonly bare: BareAnswer;
  readonly ours: DatabaseCheck;
  /** Why the two do not go together; null where they do. */
  readonly disagreement: string | null;
  /** Messages that only one of the two has, where sqlock compared indexes with tables and found damage. */
  readonly otherWords: readonly string[];
  /** What is other than before, by the lines of snapshot(). */
  readonly changed: readonly string[];
}

export function isBad({ disagreement, otherWords: words, changed }: Comparison): boolean {
  return disagreement !== null || words.length > 0 || changed.length > 0;
}

interface Files {
  readonly recipe: Recipe;
  readonly folder: string;
  readonly path: string;
}

/** How many databases one call of sqlock gets. */
const BATCH = 50;

const CALL_LIMIT_MS = 300_000;

/** Small tables are left to integrity_check, unless this says otherwise. */
const MERGE_SMALL_ONES = { SQLOCK_TEST_MERGE_ROWS: "0" };

/** Makes the databases, has them checked by both, and removes them. `options` are sqlock's: `["--copy"]`. */
export async function compare(
  recipes: readonly Recipe[],
  told: (comparison: Comparison) => void,
  options: readonly string[] = [],
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "sqlock-damage-"));
  const bare = new BareSqlite(options.includes("--quick") ? "quick_check" : "integrity_check");
  try {
    for (let first = 0; first < recipes.length; first += BATCH) {
      const batch = recipes.slice(first, first + BATCH).map((recipe) => makeIn(root, recipe));
      for (const comparison of await compareBatch(root, batch, bare, options)) told(comparison);
      for (const { folder } of batch) rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    bare.end();
    rmSync(root, { recursive: true, force: true });
  }
}

function makeIn(root: string, recipe: Recipe): Files {
  const folder = join(root, String(recipe.number));
  mkdirSync(folder);
  return { recipe, folder, path: make(recipe, folder) };
}

async function compareBatch(
  root: string,
  batch: readonly Files[],
  bare: BareSqlite,
  options: readonly string[],
): Promise<Comparison[]> {
  const answers: BareAnswer[] = [];
  for (const { path } of batch) answers.push(await bare.check(path));
  const before = batch.map(({ folder }) => snapshot(folder));
  const whole = snapshot(root);
  const ours = await sqlockSays(
    batch.map(({ path }) => path),
    options,
  );
  const untouched = snapshot(root) === whole;
  return batch.flatMap(({ recipe, folder }, i) => {
    const [answer, entry] = [answers[i], ours[i]];
    if (answer === undefined || entry === undefined) throw new Error(`no answer for ${describe(recipe)}`);
    return {
      recipe,
      bare: answer,
      ours: entry,
      disagreement: disagreementOf(answer, entry),
      otherWords:
        entry.verdict === "corrupt" && byMerge(entry) && answer.rows !== null ? otherWords(answer.rows, entry) : [],
      changed: untouched ? [] : differences(before[i] ?? "", snapshot(folder)),
    };
  });
}

function differences(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

async function sqlockSays(paths: readonly string[], options: readonly string[]): Promise<readonly DatabaseCheck[]> {
  const { stdout, stderr, exitCode, timedOut } = await execa(
    process.execPath,
    [join(ROOT, "bin/sqlock.js"), "integrity", "--json", ...options, ...paths],
    {
      reject: false,
      timeout: CALL_LIMIT_MS,
      maxBuffer: 1e9,
      stdin: "ignore",
      env: MERGE_SMALL_ONES,
    },
  );
  if (timedOut || ![0, 1, 2].includes(exitCode ?? -1) || stderr !== "")
    throw new Error(`sqlock ended with ${exitCode}, ${timedOut ? "late" : "in time"}: ${stderr}`);
  const { databases } = JSON.parse(stdout) as { databases: DatabaseCheck[] };
  if (databases.length !== paths.length || databases.some(({ givenAs }, i) => givenAs !== paths[i]))
    throw new Error("not an entry for each database, in order");
  return databases;
}

/** What the bare pragmas cannot say, sqlock may call not checked: never ok. */
export function disagreementOf(
  bare: Pick<BareAnswer, "verdict">,
  { verdict, reasonCode }: Pick<DatabaseCheck, "verdict" | "reasonCode">,
): string | null {
  const fits = fitting(bare).includes(verdict === "not-checked" ? `not-checked: ${reasonCode}` : verdict);
  return fits ? null : `bare ${bare.verdict}, sqlock ${verdict}${reasonCode === null ? "" : ` (${reasonCode})`}`;
}

function fitting({ verdict }: Pick<BareAnswer, "verdict">): readonly string[] {
  switch (verdict) {
    case "ok":
      // The pragma leaves out a virtual table whose module is missing, and says nothing of it.
      // SQLite takes an empty file for an empty database, and deletes the -wal or -journal that has its content.
      return ["ok", "not-checked: missing-module", "not-checked: empty"];
    case "corrupt":
      return ["corrupt"];
    // A format that SQLite does not know is no proof of damage: see src/safe-open/foreign-format.ts.
    case "not-a-database":
      return ["corrupt", "not-checked: not-a-database", "not-checked: encrypted", "not-checked: unsupported-format"];
    case "refused":
      return ["corrupt", "not-checked: missing-module", "not-checked: failed", "not-checked: unsupported-format"];
    case "timeout":
    case "crash":
      return ["corrupt", "not-checked: failed", "not-checked: timeout"];
  }
}
