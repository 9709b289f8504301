/** Every command that README.md and docs/ show is run, in a folder with the databases that they name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { has, isRoot } from "../support/skip.ts";
import { sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";
import { blocksOf, commandsIn, inlineOf, isName, PAGES, type Page } from "./pages.ts";
import { newWorld, type, type World } from "./world.ts";

/** Commands that are not run here, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "npm install": "needs the network; .ci/run begins with npm ci",
  "npm install -g .": "would install on this machine",
  "npm uninstall -g sqlock": "would uninstall from this machine",
  "git pull && npm install": "needs the network",
  "npm test": "this is it",
  "npm run check": ".ci/run runs it",
  "npm run docs": "npm run check looks whether its pages are current",
  "npm run compare": "test/long/compare.test.ts does what it does, and writes nothing",
  "npm run picture": "picture.test.ts",
  "sqlock record --fail-on warnings -- pytest": "examples.test.ts",
  "npx sqlock record --fail-on warnings -- vitest run": "examples.test.ts",
  "jq -c 'select(.type == \"wait\") | [.pid, .waitedMs, .outcome, .sql, .blockers[0]]' /root/night.jsonl":
    "reads the recording of a night",
  "sqlite3 /a/safe/folder/rescue.db .recover | sqlite3 /a/safe/folder/recovered.db":
    "Debian's sqlite3 is built without it, as the page says",
};

/** Takes minutes. */
const LONG_RUN = /^npm run (bench|damage|test:\w+)\b/;

/** `npm a && npm b` is two commands. */
function parts(command: string): string[] {
  return command.startsWith("npm ") ? command.split(" && ") : [command];
}

/** With real names instead of placeholders, and with a duration that suits a test. */
function runnable(command: string, pid: number): string {
  const own = command
    .replace(/DATABASE…|\bDATABASE\b/g, "db.sqlite3")
    .replace(/ ID$/, " uncommitted-write")
    .replace(/--pid \d+/, `--pid ${pid}`)
    .replace(/&& migrate$/, "&& true")
    .replace(/^npm run demo$/, "sqlock demo");
  const short = reported(recorded(own)).replace(/--(wait|for|duration) \d+(s|m)\b/g, "--$1 500ms");
  if (!/^sqlock stress\b/.test(short)) return short;
  const matrix = short.replace(
    "--matrix",
    "--matrix --journal-mode wal --transaction immediate --writers 1 --readers 1",
  );
  return matrix.includes("--duration") ? matrix : `${matrix} --duration 500ms`;
}

/**
 * A recording as root needs no sudo, ends soon, and has its file here; others have samples. The one who called sudo is
 * nobody.
 */
function recorded(command: string): string {
  if (!/^(sudo )?sqlock record\b/.test(command)) return command;
  if (!isRoot) return "sqlock record --source sampled --for 1s db.sqlite3";
  const here = command
    .replace(/^sudo (?=.* -- )/, "SUDO_UID=65534 ")
    .replace(/^sudo /, "")
    .replace(/^sqlock (?=.* -- )/, "SUDO_UID=65534 sqlock ") // a user of the machine is no root
    .replace("--user www-data", "--user nobody")
    .replace(/ -- .*/, " -- true")
    .replace(/-o \S+/, "-o recording.jsonl --force")
    .replace("/srv/app/", "");
  return / -- |--for /.test(here) ? here : here.replace("record", "record --for 1s");
}

/** Of a recording that is there, and of its time. */
function reported(command: string): string {
  if (!/^(sudo )?sqlock report\b/.test(command)) return command;
  return command
    .replace(/^sudo /, "")
    .replace(/--at ("[^"]*"|\S+)/, "--at 12:00:01")
    .replace(/--between ("[^"]*"|\S+) ("[^"]*"|\S+)/, "--between 12:00 12:01")
    .replace("/var/lib/sqlock/app", "night.jsonl");
}

/** Without a terminal it cannot ask: it signals no process, and prints the command to run. */
const ASKS = /^sqlock (kill|who-holds --kill)\b(?!.*(--yes|--dry-run))/;
/** Runs until interrupted. */
const ENDLESS = /^(?:[A-Z_]+=\S+ )*sqlock watch\b(?!.*--for)/;
/** Shown as an error: there is no such file. */
const MISSING = /\bmissing\.db$/;

async function expectToWork(command: string, world: World): Promise<void> {
  const line = runnable(command, world.writer.pid);
  const endless = ENDLESS.test(line);
  const { code, output } = await type(line, world, endless ? /watching|"event"/ : undefined);
  const most = endless ? 130 : ASKS.test(line) || MISSING.test(line) ? 2 : 1;
  const allowed = most === 1 ? [0, 1] : [most];
  expect.soft(allowed, `${line}: exit code ${code}\n${output}`).toContain(code);
}

/** The programs that a line needs: the first word of each of its parts. */
function programsOf(command: string): string[] {
  const firsts = command
    .replace(/'[^']*'/g, "''")
    .split(/\|\|?|&&|;|<\(/)
    .map((part) => /^\s*(?:\w+=\S*\s+)*(?:for |do |done|source)?\s*([\w.-]*)/.exec(part)?.[1] ?? "");
  return firsts.filter((name) => !["", "sqlock", "npx", "npm", "part", "migrate", "."].includes(name));
}
const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts as Record<string, string>;

/** The commands of a page that are run here. */
function shownOn(page: Page): string[] {
  const fenced = blocksOf(page).flatMap((block) => commandsIn(block).flatMap(parts));
  const lines = [...fenced, ...inlineOf(page).filter((command) => !isName(command))];
  return lines.filter((command) => !(command in ELSEWHERE) && !LONG_RUN.test(command));
}

/** The other commands change which processes hold the databases. */
function onlyLooks(command: string): boolean {
  return !/^sqlock (kill\b.*--yes|journal-mode\b.* (wal|delete)$)/.test(command);
}

async function testWorld(): Promise<World> {
  const world = await newWorld();
  onTestFinished(world.end);
  return world;
}

/** How many commands of a page run at the same time. */
const SIDE_BY_SIDE = 4;

/** Each command once, on the first page that shows it; so are two that are the same here. */
const onFirstPage = new Map<string, string[]>();
const known = new Set<string>();
for (const page of PAGES) {
  const commands = [...new Set(shownOn(page))].filter((command) => !known.has(runnable(command, 1)));
  onFirstPage.set(page.path, [...new Map(commands.map((command) => [runnable(command, 1), command])).values()]);
  for (const command of commands) known.add(runnable(command, 1));
}

/** For all commands that only look. */
let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

test.each([...onFirstPage].filter(([, commands]) => commands.some(onlyLooks)))(
  "%s: the commands that only read, and those of other programs",
  { timeout: 120_000 },
  async (_, commands) => {
    const queue = commands.filter(onlyLooks);
    const worker = async () => {
      for (let command = queue.shift(); command !== undefined; command = queue.shift()) {
        const missing = programsOf(command).filter((program) => !has(program));
        if (missing.length > 0) console.log(`skipped: needs ${missing.join(", ")} (${command})`);
        else await expectToWork(command, world);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  },
);

test.each([...onFirstPage.values()].flat().filter((command) => !onlyLooks(command)))("%s", async (command) => {
  await expectToWork(command, await testWorld());
});

const names = [...new Set(PAGES.flatMap(inlineOf))].filter(isName);
const helps = new Map<string, ReturnType<typeof sqlock>>();

test.each(names)("is a command with these options: %s", async (command) => {
  const [, name = "", ...words] = command.split(/[ =]/);
  const help = helps.get(name) ?? sqlock([name, "--help"]);
  helps.set(name, help);
  const { code, stdout } = await help;
  expect(code).toBe(0);
  for (const option of words.filter((word) => word.startsWith("-")))
    expect(stdout).toMatch(new RegExp(`(^|[ ,])${option}\\b`, "m"));
});

test("npm scripts exist, and every excluded command is on some page", () => {
  const all = PAGES.flatMap((page) => blocksOf(page).flatMap((block) => commandsIn(block).flatMap(parts)));
  for (const command of all) {
    const [, script] = /^npm run (\S+)/.exec(command) ?? [];
    if (script !== undefined) expect(Object.keys(scripts), command).toContain(script);
  }
  for (const command of Object.keys(ELSEWHERE))
    expect(
      PAGES.some(({ text }) => text.includes(command)),
      command,
    ).toBe(true);
  expect(all.some((command) => LONG_RUN.test(command))).toBe(true);
});

// Its writer has to be idle for ten seconds, which is when explain calls it forgotten: so it comes last.
let readmeWorld: World;
beforeAll(async () => {
  readmeWorld = await newWorld();
});
afterAll(() => readmeWorld.end());

/** Pages whose examples are compared with what is printed, and how many they have. */
const WITH_REAL_OUTPUT = { "README.md": 7, "docs/troubleshooting.md": 3 };

test("README and troubleshooting show what the commands print", { timeout: 120_000 }, async () => {
  const samples = Object.entries(WITH_REAL_OUTPUT).flatMap(([path, count]) => {
    const shown = PAGES.filter((page) => page.path === path).flatMap(blocksOf);
    const consoles = shown.filter(({ language }) => language === "console");
    expect(consoles, path).toHaveLength(count);
    return consoles;
  });
  await until(
    "the writer counts as forgotten",
    async () => {
      const { output } = await type("sqlock who-holds db.sqlite3", readmeWorld);
      return output.includes("error uncommitted-write");
    },
    500,
  );
  for (const { text } of samples) {
    const [prompt = "", ...shown] = text.trimEnd().split("\n");
    const { output } = await type(prompt.slice(2).replace("--for 5s", "--for 1s"), readmeWorld);
    const printed = output.replaceAll(readmeWorld.folder, "/srv/app").split("\n").map(shape);
    for (const line of shown.filter((each) => each !== "…")) {
      const wanted = shape(line.replace(/ ?…$/, ""));
      const isPrinted = printed.some((each) => (line.endsWith("…") ? each.startsWith(wanted) : each === wanted));
      expect.soft(isPrinted, `${prompt}\n${line}\n\n${output}`).toBe(true);
    }
  }
});

/** Without what differs each time: pids, numbers, times, and the spaces that depend on them. */
function shape(line: string): string {
  return line
    .replace(/less than /g, "")
    .replace(/\d[\d,.:]*( (ms|s|m|h|KiB|MiB)\b)?/g, "#")
    .replace(/# #/g, "#")
    .replace(/ +/g, " ")
    .trim();
}
