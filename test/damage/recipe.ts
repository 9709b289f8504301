/** What a database of the comparison is made of. */
import { HEADER_DAMAGES, PAGE_DAMAGES } from "./byte-damages.ts";
import { FEATURES, type FeatureName } from "./features.ts";
import { INDEX_DAMAGES, KINDS_OF_INDEX_DAMAGE } from "./index-damages.ts";
import { INDEX_FEATURES } from "./index-features.ts";
import { JOURNAL_DAMAGES, WAL_DAMAGES } from "./journal-damages.ts";
import { Random } from "./random.ts";
import { SQL_DAMAGES } from "./sql-damages.ts";

/**
 * What lies beside the database, and how it was left:
 * rollback and wal are closed; leftover-wal has a -wal that was not copied back, half-copied-wal one that was in part;
 * hot-journal has a journal of a commit that did not end; wal-beside-rollback has a -wal although the header names
 * rollback mode; stale-wal and stale-journal have one that another database has left.
 */
export const LEFTOVERS = [
  "rollback",
  "wal",
  "leftover-wal",
  "half-copied-wal",
  "hot-journal",
  "wal-beside-rollback",
  "stale-wal",
  "stale-journal",
] as const;

export type Leftover = (typeof LEFTOVERS)[number];

export interface Recipe {
  readonly seed: number;
  readonly number: number;
  readonly pageSize: number;
  /** Bytes at the end of each page that SQLite leaves alone. */
  readonly reserved: number;
  readonly encoding: "UTF-8" | "UTF-16le" | "UTF-16be";
  readonly autoVacuum: "none" | "full" | "incremental";
  readonly leftover: Leftover;
  readonly features: readonly FeatureName[];
  readonly rows: number;
  /** Names of damages, done in this order; none at all is one of the cases. */
  readonly damages: readonly string[];
}

const PAGE_SIZES = [512, 512, 1024, 1024, 2048, 4096, 4096, 4096, 8192, 16384, 32768, 65536];

/** Half of them have damage to single records: see {@link indexRecipe}. */
export function recipeOf(seed: number, number: number): Recipe {
  const random = new Random(seed, number);
  const pageSize = random.pick(PAGE_SIZES);
  const choices = random.oneIn(2) ? indexRecipe(random) : anyRecipe(random);
  return {
    seed,
    number,
    pageSize,
    reserved: random.oneIn(10) ? random.pick([8, 32]) : 0,
    encoding: random.oneIn(5) ? random.pick(["UTF-16le", "UTF-16be"] as const) : "UTF-8",
    autoVacuum: random.oneIn(3) ? random.pick(["full", "incremental"] as const) : "none",
    ...choices,
  };
}

type Choices = Pick<Recipe, "leftover" | "features" | "rows" | "damages">;

function anyRecipe(random: Random): Choices {
  const leftover = random.oneIn(2) ? random.pick(["rollback", "wal"] as const) : random.pick(LEFTOVERS);
  const damages = damagesFor(random, leftover);
  const needed = SQL_DAMAGES.filter(({ name }) => damages.includes(name)).map(({ needs }) => needs);
  const features = FEATURES.map(({ name }) => name).filter((name) => random.oneIn(6) || needed.includes(name));
  return { leftover, features: features.length > 0 ? features : ["plain"], rows: random.int(1, 120), damages };
}

/** Of these the damage lies in the database itself: nothing beside it may hide it, and few tables are without any. */
function indexRecipe(random: Random): Choices {
  const names = INDEX_FEATURES.map(({ name }) => name);
  const bySchema = SQL_DAMAGES.filter(({ name }) => BY_SCHEMA.includes(name));
  const kinds = [...KINDS_OF_INDEX_DAMAGE, bySchema, bySchema];
  const damages = random.oneIn(10)
    ? []
    : Array.from({ length: random.oneIn(8) ? 2 : 1 }, () => random.pick(random.pick(kinds).map(({ name }) => name)));
  const needed = SQL_DAMAGES.filter(({ name }) => damages.includes(name)).flatMap(({ needs }) => needs ?? []);
  const features = new Set<FeatureName>([random.pick(names), ...needed]);
  if (random.oneIn(4)) features.add(random.pick(names));
  if (random.oneIn(6)) features.add(random.pick(["plain", "without-rowid", "generated", "overflow", "deep"] as const));
  return {
    leftover: random.pick(["rollback", "wal"] as const),
    features: FEATURES.map(({ name }) => name).filter((name) => features.has(name)),
    rows: random.pick([random.int(1, 20), random.int(10, 120), random.int(50, 250)]),
    damages: inOrder(damages),
  };
}

/** Damages by SQL that need a comparison of table and index. */
const BY_SCHEMA = [
  "rows-missing-from-index",
  "rows-left-in-index",
  "other-values-in-index",
  "index-now-descending",
  "index-now-unique",
  "index-with-other-collation",
  "column-with-other-collation",
  "column-with-other-type",
  "other-default",
  "swapped-index-roots",
];

/**
 * Mostly one, so that what SQLite says can be told from what it says of another; sometimes two; one in ten has none.
 */
function damagesFor(random: Random, leftover: Leftover): string[] {
  if (random.oneIn(10)) return [];
  const beside =
    leftover.includes("wal") && leftover !== "wal" ? WAL_DAMAGES : leftover.includes("journal") ? JOURNAL_DAMAGES : [];
  const kinds = [
    PAGE_DAMAGES,
    PAGE_DAMAGES,
    HEADER_DAMAGES,
    SQL_DAMAGES,
    SQL_DAMAGES,
    INDEX_DAMAGES,
    ...(beside.length > 0 ? [beside] : []),
  ];
  const names = Array.from({ length: random.oneIn(6) ? 2 : 1 }, () =>
    random.pick(random.pick(kinds).map(({ name }) => name)),
  );
  return inOrder(names);
}

/** By SQL first: once bytes are wrong SQLite may refuse. */
function inOrder(names: readonly string[]): string[] {
  return names.toSorted((a, b) => Number(isSql(b)) - Number(isSql(a)));
}

function isSql(name: string): boolean {
  return SQL_DAMAGES.some((damage) => damage.name === name);
}

/** One line: what a person needs to make it again and to know what it is. */
export function describe(recipe: Recipe): string {
  const { seed, number, pageSize, reserved, encoding, autoVacuum, leftover, features, rows, damages } = recipe;
  return [
    `--seed ${seed} --only ${number}: pages of ${pageSize}`,
    ...(reserved > 0 ? [`${reserved} reserved`] : []),
    encoding,
    ...(autoVacuum === "none" ? [] : [`autovacuum ${autoVacuum}`]),
    leftover,
    `${features.join(" ")} of ${rows} rows`,
    `damage: ${damages.join(", ") || "none"}`,
  ].join(", ");
}
