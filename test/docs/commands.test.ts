/** Every command that README.md and docs/ show is run, in a folder with the databases that they name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { sqlock } from "../support/sqlock.ts";
import { blocksOf, commandsIn, inlineOf, isName, PAGES } from "./pages.ts";
import { newWorld, type, type World } from "./world.ts";

/** Not run here, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "npm install": "needs the network; .ci/run begins with npm ci",
  "npm install -g .": "would install into this machine",
  "npm test": "this is it",
  "npm run check": ".ci/run runs it",
  "npm run docs": "npm run check looks whether its pages are current",
  "npm run compare": "compare.test.ts does what it does, and writes nothing",
  "npm run picture": "picture.test.ts",
  "sqlite3 rescue.db .recover | sqlite3 recovered.db": "Debian's sqlite3 is built without it, as the page says",
};

/** Measurements of minutes. */
const BENCH = /^npm run (bench|damage)\b/;

const inFences = PAGES.flatMap((page) =>
  blocksOf(page).map((block) => ({ path: page.path, commands: commandsIn(block).flatMap(parts) })),
).filter(({ commands }) => commands.length > 0);
const inline = PAGES.flatMap((page) => inlineOf(page));

/** `a && b` is two, where it is npm's. */
function parts(command: string): string[] {
  return command.startsWith("npm ") ? command.split(" && ") : [command];
}

/** With what stands for the reader's own, and no longer than a test should take. */
function runnable(command: string, { writer }: World): string {
  const own = command
    .replace(/DATABASE…|\bDATABASE\b/g, "db.sqlite3")
    .replace(/ ID$/, " uncommitted-write")
    .replace(/--pid \d+/, `--pid ${writer.pid}`)
    .replace(/^npm run demo$/, "sqlock demo");
  const short = own.replace(/--(wait|for|duration) \d+(s|m)\b/g, "--$1 1s");
  if (!/^sqlock stress\b/.test(short)) return short;
  const matrix = short.replace(
    "--matrix",
    "--matrix --journal-mode wal --transaction immediate --writers 1 --readers 1",
  );
  return matrix.includes("--duration") ? matrix : `${matrix} --duration 1s`;
}

/** Nobody is there to be asked: it signals nobody, and prints what to call. */
const ASKS = /^sqlock (kill|who-holds --kill)\b(?!.*(--yes|--dry-run))/;
/** Runs until it is ended. */
const ENDLESS = /^sqlock watch\b(?!.*--for)/;

async function expectToWork(command: string, world: World): Promise<void> {
  const line = runnable(command, world);
  const endless = ENDLESS.test(line);
  const { code, output } = await type(line, world, endless ? /watching|"event"/ : undefined);
  const most = endless ? 130 : ASKS.test(line) ? 2 : 1;
  const allowed = most === 1 ? [0, 1] : [most];
  expect.soft(allowed, `${line}: exit code ${code}\n${output}`).toContain(code);
}

/** What must be installed for a line: the first word of each of its parts. */
function programsOf(command: string): string[] {
  const firsts = command
    .replace(/'[^']*'/g, "''")
    .split(/\|\|?|&&|;|<\(/)
    .map((part) => /^\s*(?:\w+=\S*\s+)*(?:for |do |done|source)?\s*([\w.-]*)/.exec(part)?.[1] ?? "");
  return firsts.filter((name) => !["", "sqlock", "npx", "npm", "part", "migrate", "."].includes(name));
}
const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts as Record<string, string>;

const lines = [...inFences.flatMap(({ commands }) => commands), ...inline.filter((command) => !isName(command))];
const toRun = [...new Set(lines)].filter((command) => !(command in ELSEWHERE) && !BENCH.test(command));

/** After these the databases are no longer held as they were. */
const CHANGES = /^sqlock (kill\b.*--yes|journal-mode\b.* (wal|delete)$)/;

test("the commands that only look, and what other programs are asked", { timeout: 300_000 }, async () => {
  const world = await newWorld();
  for (const command of toRun.filter((each) => !CHANGES.test(each))) {
    const missing = programsOf(command).filter((program) => !has(program));
    if (missing.length > 0) console.log(`skipped: needs ${missing.join(", ")} (${command})`);
    else await expectToWork(command, world);
  }
});

test.each(toRun.filter((each) => CHANGES.test(each)))("%s", async (command) => {
  await expectToWork(command, await newWorld());
});

const names = [...new Set(inline)].filter(isName);

test.each(names)("is a command, with such options: %s", async (command) => {
  const [, name = "", ...words] = command.split(/[ =]/);
  const { code, stdout } = await sqlock([name, "--help"]);
  expect(code).toBe(0);
  for (const option of words.filter((word) => word.startsWith("-")))
    expect(stdout).toMatch(new RegExp(`(^|[ ,])${option}\\b`, "m"));
});

test("what npm runs is there, and nothing is left out that no page has", () => {
  const all = inFences.flatMap(({ commands }) => commands);
  for (const command of all) {
    const [, script] = /^npm run (\S+)/.exec(command) ?? [];
    if (script !== undefined) expect(Object.keys(scripts), command).toContain(script);
  }
  for (const command of Object.keys(ELSEWHERE))
    expect(
      PAGES.some(({ text }) => text.includes(command)),
      command,
    ).toBe(true);
  expect(all.some((command) => BENCH.test(command))).toBe(true);
});

test("the README shows what they print", async (context) => {
  need(context, has("python3"), "python3");
  const world = await newWorld();
  const readme = PAGES.filter(({ path }) => path === "README.md").flatMap(blocksOf);
  const samples = readme.filter(({ language }) => language === "console");
  expect(samples).toHaveLength(7);
  // From ten seconds on a transaction counts as forgotten.
  await type(`until sqlock who-holds db.sqlite3 | grep -q 'error uncommitted-write'; do sleep 0.5; done`, world);
  for (const { text } of samples) {
    const [prompt = "", ...shown] = text.trimEnd().split("\n");
    const { output } = await type(prompt.slice(2).replace("--for 5s", "--for 1s"), world);
    const printed = output.replaceAll(world.folder, "/srv/app").split("\n").map(shape);
    for (const line of shown.filter((each) => each !== "…")) {
      const wanted = shape(line.replace(/ ?…$/, ""));
      expect(
        printed.some((each) => (line.endsWith("…") ? each.startsWith(wanted) : each === wanted)),
        `${prompt}\n${line}\n\n${output}`,
      ).toBe(true);
    }
  }
});

/** Without what is different each time: pids, numbers, times, and the spaces that follow from them. */
function shape(line: string): string {
  return line
    .replace(/less than /g, "")
    .replace(/\d[\d,.:]*( (ms|s|m|h|KiB|MiB)\b)?/g, "#")
    .replace(/# #/g, "#")
    .replace(/ +/g, " ")
    .trim();
}
