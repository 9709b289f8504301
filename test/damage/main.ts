/**
 * `npm run damage -- --count 1000 --seed 1`: makes that many damaged databases and says where sqlock and SQLite's bare
 * pragmas do not agree, or sqlock has changed a file; `--copy`, `--quick` and `--exact` are handed to sqlock. Where
 * none of the last two is given, a run without a merge fails. `--only 17` makes and shows the one database of that
 * number. `--load 60`: sqlock beside writers for so many seconds.
 */
import { parseArgs } from "node:util";
import { type Comparison, compare, isBad } from "./compare.ts";
import { Tallies } from "./how.ts";
import { type LoadResult, load } from "./load.ts";
import { describe, recipeOf } from "./recipe.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string" },
    only: { type: "string", multiple: true },
    load: { type: "string" },
    all: { type: "boolean" },
    copy: { type: "boolean" },
    quick: { type: "boolean" },
    exact: { type: "boolean" },
  },
});

async function damage(): Promise<boolean> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const only = values.only?.map(Number);
  const numbers = only ?? Array.from({ length: Number(values.count) }, (_, i) => i);
  console.log(`${numbers.length} databases, --seed ${seed}`);
  const recipes = numbers.map((number) => recipeOf(seed, number));
  const options = (["copy", "quick", "exact"] as const).flatMap((name) => (values[name] === true ? [`--${name}`] : []));
  const counts = new Map<string, number>();
  const tallies = new Tallies();
  let bad = 0;
  const started = performance.now();
  await compare(
    recipes,
    (comparison) => {
      const { recipe, bare, ours } = comparison;
      const reason = ours.reasonCode === null ? "" : ` (${ours.reasonCode})`;
      const key = `bare ${bare.verdict}, sqlock ${ours.verdict}${reason}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      tallies.add(recipe.damages, ours);
      if (isBad(comparison)) bad++;
      if (isBad(comparison) || only !== undefined || values.all === true) console.log(textOf(comparison));
    },
    options,
  );
  if (only === undefined) for (const line of tallies.lines()) console.log(line);
  for (const [key, count] of [...counts].toSorted()) console.log(`${String(count).padStart(6)}  ${key}`);
  console.log(
    `${bad} of ${numbers.length} disagree or were changed; ${((performance.now() - started) / 1000).toFixed(0)} ` +
      `s; --seed ${seed}`,
  );
  const proved = only !== undefined || options.some((option) => option !== "--copy") || tallies.mergedIndexes > 0;
  if (!proved) console.log("no index was merged: this proves nothing");
  return bad === 0 && proved;
}

function textOf({ recipe, bare, ours, disagreement, otherWords, changed }: Comparison): string {
  const lines = [
    `${describe(recipe)}`,
    `  ${disagreement ?? "agreed"}${changed.length > 0 ? ", CHANGED" : ""}; ${ours.method ?? "not looked at"}` +
      (ours.reason === null ? "" : `: ${ours.reason}`),
    ...changed.map((line) => `  ${line}`),
    ...otherWords.slice(0, 5).map((text) => `  ${short(text)}`),
    ...bare.words.slice(0, 5).map((text) => `  bare:   ${short(text)}`),
    ...ours.problems.slice(0, 5).map(({ check, message }) => `  sqlock: ${check}: ${short(message)}`),
  ];
  return lines.join("\n");
}

function short(text: string): string {
  return JSON.stringify(text).slice(0, 160);
}

async function underLoad(seconds: number): Promise<boolean> {
  const results = await load(seconds);
  for (const result of results) console.log(textOfLoad(result));
  return results.every(
    ({ corrupt, lost, writerErrors, afterwards }) =>
      [...corrupt, ...Object.keys(writerErrors), ...afterwards].length === 0 && lost === 0,
  );
}

function textOfLoad({
  name,
  answers,
  corrupt,
  commits,
  lost,
  writerErrors,
  longestTransactionMs,
  afterwards,
}: LoadResult): string {
  const errors = Object.entries(writerErrors).map(([message, count]) => `${count} x ${message}`);
  return [
    `${name}: ${commits} commits, ${lost} lost, the longest ${longestTransactionMs} ms; errors of writers: ` +
      `${errors.join("; ") || "none"}; afterwards ${afterwards.join("; ") || "ok"}`,
    ...Object.entries(answers).map(([answer, count]) => `${String(count).padStart(6)}  ${answer}`),
    ...corrupt.flatMap(({ problems }) =>
      problems.slice(0, 3).map(({ check, message }) => `  ${check}: ${short(message)}`),
    ),
  ].join("\n");
}

process.exitCode = (values.load === undefined ? await damage() : await underLoad(Number(values.load))) ? 0 : 1;
