/** `integrity`, run by root on what a hostile user owns: nothing of anybody else is read, changed or removed. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  databaseOf,
  folderOf,
  give,
  MALLORY,
  needRoot,
  startFolderRacer,
  startRacer,
  stateOf,
  stickyTemporaryFiles,
  VICTIM,
  victimsFiles,
} from "../support/attacker.ts";
import { check } from "../support/check.ts";
import { startHolder } from "../support/holder.ts";
import { AS_NOBODY } from "../support/namespace.ts";
import { isRoot } from "../support/skip.ts";
import { repetitions } from "../support/soak.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

/** A user of whom no other test starts a process. */
const LONER = 61_003;

it("opens a database as its owner, and says whose it is where the folder is another's", async (context) => {
  needRoot(context);
  const own = databaseOf(MALLORY);
  expect(await check(own)).toMatchObject({
    verdict: "ok",
    method: "in-place",
    openedAs: { uid: MALLORY, of: "database", folderUid: null },
  });
  const elsewhere = databaseOf(MALLORY, "delete", folderOf(VICTIM));
  expect(await check(elsewhere)).toMatchObject({ verdict: "ok", openedAs: { uid: MALLORY, folderUid: VICTIM } });
  const { stdout } = await sqlock(["integrity", elsewhere]);
  expect(stdout).toContain(`opened as uid ${MALLORY}, its owner (its folder belongs to uid ${VICTIM}; the owner of`);
});

it.each([
  ["with mode 000", (database: string) => chmodSync(database, 0)],
  ["below a folder that its owner may not enter", (database: string) => give(join(database, ".."), 0, 0o700)],
  ["of root's, in a folder of somebody else's", (database: string) => give(database, 0)],
  [
    "of root's, in a folder where everybody can put a journal",
    (database: string) => {
      give(database, 0);
      give(join(database, ".."), 0, 0o1777);
    },
  ],
])("a database %s is checked on a private copy, under an unused user id", async (_, change) => {
  if (!isRoot) return;
  const database = databaseOf(MALLORY, "wal");
  change(database);
  const before = stateOf(join(database, ".."));
  const temporary = stickyTemporaryFiles();
  expect(await check(database, [], { env: temporary.env })).toMatchObject({
    verdict: "ok",
    method: "private-copy",
    openedAs: null,
  });
  expect(stateOf(temporary.folder)).toEqual([]);
  expect(stateOf(join(database, ".."))).toEqual(before);
});

it("makes no private folder as root where another user could swap it", async (context) => {
  needRoot(context);
  const database = newDatabase("wal");
  const folder = folderOf(MALLORY);
  expect(await check(database, [], { env: { TMPDIR: folder } })).toMatchObject({
    verdict: "not-checked",
    reason: expect.stringContaining(`${folder} belongs to uid ${MALLORY}, who could replace what root makes there`),
  });
});

it("removes nothing of anybody else's when a private folder is swapped, 200 times and more", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY, "wal");
  const victims = victimsFiles();
  const before = stateOf(victims);
  let swaps = 0;
  for (let run = 0; run < repetitions(30, 2) || swaps <= 200; run++) {
    const temporary = stickyTemporaryFiles();
    const decoy = join(folderOf(MALLORY), "decoy");
    symlinkSync(victims, decoy);
    lchownSync(decoy, MALLORY, MALLORY);
    const racer = await startFolderRacer(temporary.folder, decoy);
    const { stderr } = await sqlock(["integrity", "--copy", database], { env: temporary.env });
    swaps += await racer.stop();
    expect(stderr).not.toMatch(/^\s+at /m);
  }
  expect(swaps).toBeGreaterThan(200);
  expect(stateOf(victims)).toEqual(before);
});

it("changes nothing beside another user's database that a swapped folder leads to", async (context) => {
  needRoot(context);
  const parent = folderOf(MALLORY);
  const [app, link] = [join(parent, "app"), join(parent, "link")];
  mkdirSync(app);
  give(app, MALLORY);
  databaseOf(MALLORY, "wal", app);
  const victims = folderOf(VICTIM);
  const victim = databaseOf(VICTIM, "wal", victims);
  symlinkSync(victims, link);
  lchownSync(link, MALLORY, MALLORY);
  const before = [stateOf(victims), readFileSync(victim)];
  const racer = await startRacer(app, link, { pauseUs: 300 });
  for (let run = 0; run < repetitions(60, 3) || racer.swaps() <= 200; run++) {
    await sqlock(["integrity", "--allow-companions", join(app, "db.sqlite3")]);
    expect([stateOf(victims), readFileSync(victim)]).toEqual(before);
  }
  expect(await racer.stop()).toBeGreaterThan(200);
});

it("gives a hard-linked companion file of another user to nobody", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const database = databaseOf(MALLORY, "wal", folder);
  const victim = join(folderOf(VICTIM), "secret");
  writeFileSync(victim, "secret");
  give(victim, VICTIM, 0o644);
  linkSync(victim, `${database}-wal`);
  const answer = await check(database, ["--allow-companions"]);
  expect(answer).toMatchObject({ verdict: "not-checked", reasonCode: "not-a-file" });
  expect(answer.reason).toContain("has 2 names (hard links)");
  expect(statSync(victim)).toMatchObject({ uid: VICTIM, gid: VICTIM });
  expect(readFileSync(victim, "utf8")).toBe("secret");
});

it("the process that has the database open is closed to the owner, whose rights it has", async (context) => {
  needRoot(context);
  const database = databaseOf(LONER);
  chmodSync(join(database, "..", ".."), 0o777);
  const holder = await startHolder({ uid: LONER });
  await holder.run(`${connect(database)}\nc.execute("begin exclusive")`);
  const running = check(database, ["--wait", "2s"], { env: { SECRET: "of root" } });
  const pid = await until("the worker is the owner's", () => {
    const { stdout } = spawnSync("pgrep", ["-u", String(LONER), "-f", "^sqlock integrity"], { encoding: "utf8" });
    return /^\d+/.exec(stdout)?.[0];
  });
  const asOwner = (...command: readonly string[]) =>
    execFileSync("setpriv", [`--reuid=${LONER}`, "--regid=65534", ...AS_NOBODY.slice(3), ...command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  for (const file of ["environ", "mem", "maps"]) expect(() => asOwner("cat", `/proc/${pid}/${file}`)).toThrow();
  expect(() => asOwner("ls", `/proc/${pid}/fd`)).toThrow();
  expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(
    new RegExp(`^Uid:\\s+${LONER}\\s+${LONER}\\s+${LONER}`, "m"),
  );
  expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Groups:\s*$/m);
  asOwner("kill", "-USR1", String(pid));
  expect(await running).toMatchObject({ verdict: "not-checked", reasonCode: "locked" });
});
