/** The part of `npm run damage` that is short enough for every run of the tests. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repetitions } from "../support/soak.ts";
import { tempFolder } from "../support/temp.ts";
import { type Comparison, compare, disagreementOf, isBad } from "./compare.ts";
import { load } from "./load.ts";
import { make } from "./make.ts";
import { describe as inWords, LEFTOVERS, type Recipe, recipeOf } from "./recipe.ts";

const SEED = 1;
const COUNT = repetitions(200, 40);

/** What once showed a mistake. */
const ONCE_WRONG: Readonly<Record<string, Partial<Recipe>>> = {
  "a CHECK constraint, which a connection opened only to read does not look at": {
    leftover: "rollback",
    features: ["plain"],
    damages: ["now-checked"],
  },
  "the same in WAL mode": { leftover: "wal", features: ["plain"], damages: ["now-checked"] },
  "a header that is lost, and comes back from a -journal": {
    leftover: "stale-journal",
    features: ["plain"],
    damages: ["cut-in-the-header"],
  },
  "a -journal that is none: SQLite opens it, and as root sets its owner": {
    leftover: "stale-journal",
    features: ["plain"],
    damages: ["journal-not-one"],
  },
};

async function compared(recipes: readonly Recipe[]): Promise<Comparison[]> {
  const all: Comparison[] = [];
  await compare(recipes, (comparison) => all.push(comparison));
  return all;
}

function wrong(comparisons: readonly Comparison[]): unknown[] {
  return comparisons.filter(isBad).map(({ recipe, bare, disagreement, otherWords, changed }) => ({
    recipe: inWords(recipe),
    words: bare.words.slice(0, 5),
    disagreement,
    otherWords,
    changed,
  }));
}

test(`${COUNT} damaged databases: sqlock's verdict is that of the bare pragmas, and no file is changed`, async () => {
  const all = await compared(Array.from({ length: COUNT }, (_, i) => recipeOf(SEED, i)));
  expect(wrong(all)).toEqual([]);
  const verdicts = all.map(({ ours }) => ours.verdict);
  expect(verdicts.filter((verdict) => verdict === "corrupt").length).toBeGreaterThan(COUNT / 4);
  expect(verdicts.filter((verdict) => verdict === "ok").length).toBeGreaterThan(COUNT / 4);
  expect(new Set(all.map(({ recipe }) => recipe.leftover))).toEqual(new Set(LEFTOVERS));
  const methods = all.map(({ ours }) => ours.method);
  expect(methods).toContain("in-place");
  expect(methods).toContain("private-copy");
});

test.for(Object.entries(ONCE_WRONG))("%s", async ([, recipe]) => {
  expect(wrong(await compared([{ ...recipeOf(SEED, 0), rows: 20, reserved: 0, ...recipe }]))).toEqual([]);
});

test("a seed makes the same databases again", () => {
  const rollback = Array.from({ length: 40 }, (_, i) => recipeOf(SEED, i)).filter(
    ({ leftover }) => leftover === "rollback",
  );
  const hashes = () =>
    rollback.slice(0, 5).map((recipe) => {
      const folder = join(tempFolder(), "made");
      mkdirSync(folder);
      return createHash("sha256")
        .update(readFileSync(make(recipe, folder)))
        .digest("hex");
    });
  const first = hashes();
  expect(new Set(first).size).toBe(5);
  expect(hashes()).toEqual(first);
  expect(recipeOf(SEED + 1, 0)).not.toEqual({ ...recipeOf(SEED, 0), seed: SEED + 1 });
});

test("what SQLite calls corrupt, or cannot check, may never be ok", () => {
  const ok = { verdict: "ok", reasonCode: null, sizeBytes: 4096 } as const;
  for (const verdict of ["corrupt", "not-a-database", "refused", "timeout", "crash"] as const)
    expect(disagreementOf({ verdict }, ok)).not.toBeNull();
  expect(disagreementOf({ verdict: "ok" }, ok)).toBeNull();
  expect(disagreementOf({ verdict: "ok" }, { ...ok, verdict: "corrupt" })).not.toBeNull();
  expect(
    disagreementOf({ verdict: "corrupt" }, { ...ok, verdict: "not-checked", reasonCode: "failed" }),
  ).not.toBeNull();
});

const LOAD_SECONDS = repetitions(5, 2);

test(`${LOAD_SECONDS} s beside writers: nothing is called corrupt, no writer fails, nothing is lost`, async () => {
  for (const { name, answers, corrupt, commits, lost, writerErrors, afterwards } of await load(LOAD_SECONDS)) {
    expect({ name, corrupt, lost, writerErrors, afterwards }).toEqual({
      name,
      corrupt: [],
      lost: 0,
      writerErrors: {},
      afterwards: [],
    });
    expect(commits).toBeGreaterThan(10);
    expect(Object.keys(answers).some((answer) => answer.endsWith(" ok"))).toBe(true);
  }
});
