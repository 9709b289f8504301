/** `journal-mode`, run by root on what a hostile user owns: the owner's database is switched, by the owner, or none. */
import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { WalWitness } from "../../src/features/journal-mode/proof.ts";
import { pinFile } from "../../src/safe-open/pins.ts";
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
import { startHolder } from "../support/holder.ts";
import { journalMode, modeOfFile, untilWorkerOn } from "../support/journal-mode.ts";
import { isRoot } from "../support/skip.ts";
import { repetitions } from "../support/soak.ts";
import { connect } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

function linkOf(uid: number, target: string, path: string): string {
  symlinkSync(target, path);
  lchownSync(path, uid, uid);
  return path;
}

function otherMode(database: string): "wal" | "delete" {
  return modeOfFile(database) === "wal" ? "delete" : "wal";
}

const PAUSES_US = [30_000, 100_000, 200_000, 0];

it.each(["a link", "a folder"])("a swap of %s never leads it to another user's database", async (what) => {
  if (!isRoot) return;
  const parent = folderOf(MALLORY);
  const app = join(parent, "app");
  mkdirSync(app);
  give(app, MALLORY);
  const own = databaseOf(MALLORY, "delete", app);
  const victims = folderOf(VICTIM);
  const victim = databaseOf(VICTIM, "delete", victims);
  const [name, other] =
    what === "a link"
      ? [linkOf(MALLORY, own, join(parent, "current")), linkOf(MALLORY, victim, join(parent, "other"))]
      : [app, linkOf(MALLORY, victims, join(parent, "other"))];
  const given = what === "a link" ? name : own;
  const before = [stateOf(victims), readFileSync(victim)];
  for (let run = 0; run < repetitions(40, 2); run++) {
    const asked = otherMode(own);
    // with pauses: what was looked at is there for a while
    const racer = await startRacer(name, other, { pauseUs: PAUSES_US[run % PAUSES_US.length] ?? 0, burst: 101 });
    const answer = await journalMode([given, asked]);
    expect(await racer.stop()).toBeGreaterThan(200);
    expect([stateOf(victims), readFileSync(victim)]).toEqual(before);
    expect(readdirSync(app).filter((file) => statSync(join(app, file)).uid !== MALLORY)).toEqual([]);
    if (answer.code === 0) expect(answer).toMatchObject({ path: own, openedAs: { uid: MALLORY } });
    if (modeOfFile(own) !== asked) expect(answer).toMatchObject({ changed: false, reason: expect.any(String) });
  }
});

it("a database that is swapped while the switch waits stays as it is, and so does the other one", async (context) => {
  needRoot(context);
  const own = databaseOf(MALLORY);
  const reader = await startHolder({ uid: MALLORY });
  await reader.run(`${connect(own)}\nc.execute("begin"); c.execute("select * from t").fetchall()`);
  const switching = journalMode([own, "wal", "--wait", "20s"]);
  await untilWorkerOn(own);
  const aside = `${own}.aside`;
  renameSync(own, aside);
  renameSync(databaseOf(MALLORY), own);
  await reader.run("c.close()");
  expect(await switching).toMatchObject({
    code: 1,
    changed: false,
    after: null,
    reason: "the path now leads to a different file than the one inspected: nothing was changed; try again",
  });
  expect([own, aside].map(modeOfFile)).toEqual(["delete", "delete"]);
});

it("a folder that is swapped between the look and the worker: neither database is switched", async (context) => {
  needRoot(context);
  const parent = folderOf(MALLORY);
  const app = join(parent, "app");
  mkdirSync(app);
  give(app, MALLORY);
  const victims = folderOf(VICTIM);
  // its name needs a folder for a link, which is made just before the worker starts
  const [own, victim] = [databaseOf(MALLORY, "delete", app), databaseOf(VICTIM, "delete", victims)];
  for (const path of [own, victim]) renameSync(path, `${path} `);
  const before = stateOf(victims);
  const temporary = stickyTemporaryFiles();
  const watcher = watch(temporary.folder).once("change", () => {
    renameSync(app, join(parent, "aside"));
    linkOf(MALLORY, victims, app);
  });
  onTestFinished(() => watcher.close());
  expect(await journalMode([`${own} `, "wal"], { env: temporary.env })).toMatchObject({
    code: 1,
    changed: false,
    path: `${own} `,
    reason: "the path now leads to a different file than the one inspected: nothing was changed; try again",
  });
  expect(stateOf(victims)).toEqual(before);
  expect(modeOfFile(join(parent, "aside", "db.sqlite3 "))).toBe("delete");
});

/** A hot journal without pages, whose rollback has SQLite delete the file that it names. */
function journalNaming(path: string, database: string): Buffer {
  const journal = Buffer.alloc(512);
  journal.write("d9d505f920a163d7", "hex");
  for (const [at, value] of [
    [16, statSync(database).size / 4096],
    [20, 512],
    [24, 4096],
  ] as const)
    journal.writeUInt32BE(value, at);
  const name = Buffer.from(path);
  const record = Buffer.alloc(12 + name.length + 8);
  record.writeUInt32BE(262_145); // the page of the lock bytes
  name.copy(record, 4);
  record.writeUInt32BE(name.length, 4 + name.length);
  record.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    8 + name.length,
  );
  record.write("d9d505f920a163d7", 12 + name.length, "hex");
  return Buffer.concat([journal, record]);
}

it("a journal that others put beside root's own database after the look deletes nothing", async (context) => {
  needRoot(context);
  const folder = folderOf(0, 0o1777);
  const database = join(folder, "db.sqlite3 ");
  renameSync(databaseOf(0, "delete", folder), database);
  const secret = join(folderOf(VICTIM, 0o700), "secret");
  writeFileSync(secret, "secret");
  const temporary = stickyTemporaryFiles();
  const watcher = watch(temporary.folder).once("change", () => {
    writeFileSync(`${database}-journal`, journalNaming(secret, database));
    give(`${database}-journal`, MALLORY);
  });
  onTestFinished(() => watcher.close());
  const answer = await journalMode([database, "wal"], { env: temporary.env });
  expect([existsSync(secret), answer.code, answer.changed]).toEqual([true, 2, false]);
});

it("root follows a link of its own and of the target's owner, and of nobody else", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const own = databaseOf(MALLORY, "delete", folder);
  const victim = databaseOf(VICTIM);
  const links = [linkOf(MALLORY, own, join(folder, "own")), linkOf(0, own, join(folder, "current"))];
  for (const [i, link] of links.entries())
    expect(await journalMode([link, i === 0 ? "wal" : "delete"])).toMatchObject({ code: 0, path: own, givenAs: link });
  const foreign = linkOf(MALLORY, victim, join(folder, "foreign"));
  const { code, stdout, stderr } = await sqlock(["journal-mode", foreign, "wal"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+\n$/);
  expect(stderr).toContain(`give its path: ${victim}`);
  // what only looks follows every link, and names the path to type
  expect((await sqlock(["journal-mode", foreign])).stdout).toContain(`sqlock journal-mode ${victim} wal`);
  expect(modeOfFile(victim)).toBe("delete");
});

it("what the switch makes belongs to the owner, and it says as whom it is done", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY, "wal");
  const openedAs = { uid: MALLORY, of: "database", folderUid: null };
  const { stdout } = await sqlock(["journal-mode", database, "delete", "--dry-run"]);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(`(to be switched as uid ${MALLORY}, its owner`);
  const app = await startHolder({ uid: MALLORY });
  // SHARED, and nothing of the WAL: that is made by the worker
  await app.run(`import fcntl
f = open(${JSON.stringify(database)}, "rb"); fcntl.lockf(f, fcntl.LOCK_SH, 510, 1073741826)`);
  const switching = journalMode([database, "delete", "--wait", "20s"]);
  await untilWorkerOn(database);
  const owners = () => readdirSync(dirname(database)).map((name) => [name, statSync(join(database, "..", name)).uid]);
  await until("it has made its files", () => owners().length === 3);
  expect(owners()).toEqual(["", "-shm", "-wal"].map((suffix) => [`db.sqlite3${suffix}`, MALLORY]));
  await app.run("f.close()");
  expect(await switching).toMatchObject({ code: 0, after: "delete", openedAs });
  expect(owners()).toEqual([["db.sqlite3", MALLORY]]);
});

it("a companion file with another name is refused, and stays its owner's", async (context) => {
  needRoot(context);
  for (const [suffix, to] of [
    ["-wal", "delete"],
    ["-shm", "delete"],
    ["-journal", "wal"],
  ] as const) {
    const database = databaseOf(MALLORY, to === "wal" ? "delete" : "wal");
    const victim = join(folderOf(VICTIM), "secret");
    writeFileSync(victim, "secret");
    give(victim, VICTIM, 0o666);
    linkSync(victim, database + suffix);
    const before = stateOf(dirname(victim));
    const answer = await journalMode([database, to, "--force"]);
    expect(answer).toMatchObject({ code: 1, changed: false });
    expect(answer.obstacles).toContainEqual(
      expect.objectContaining({
        code: "hard-linked-companion",
        message: expect.stringContaining(`${database}${suffix} has 2 names`),
      }),
    );
    expect(stateOf(dirname(victim))).toEqual(before);
    expect(readFileSync(victim, "utf8")).toBe("secret");
  }
});

it.each<[string, (database: string) => void]>([
  ["with mode 000", (database) => chmodSync(database, 0)],
  ["below a folder that its owner may not enter", (database) => give(dirname(database), 0, 0o700)],
  ["of root's, in a folder of somebody else's", (database) => give(database, 0)],
  [
    "of root's, where everybody may put a journal beside it",
    (database) => {
      give(database, 0);
      give(dirname(database), 0, 0o1777);
    },
  ],
])("a database %s is not switched: there is nobody to do it", async (_, change) => {
  if (!isRoot) return;
  const database = databaseOf(MALLORY);
  change(database);
  const before = stateOf(dirname(database));
  expect(await journalMode([database, "wal", "--force"])).toMatchObject({
    code: 2,
    changed: false,
    openedAs: null,
    reason: expect.stringMatching(/sqlock does not run SQLite as root/),
    obstacles: [{ code: "no-user", forcible: false }],
  });
  expect(stateOf(dirname(database))).toEqual(before);
});

it("lends nobody the owner's rights, where somebody else can put a journal beside the database", async (context) => {
  needRoot(context);
  for (const folder of [folderOf(MALLORY), folderOf(0, 0o1777), folderOf(0, 0o775)]) {
    const database = databaseOf(VICTIM, "delete", folder);
    expect(await journalMode([database, "wal"])).toMatchObject({
      code: 2,
      changed: false,
      obstacles: [{ code: "no-user", message: expect.stringContaining("can put other files") }],
    });
    expect((await sqlock(["stress", "--in-place", "--yes", "--duration", "1s", database])).stderr).toContain(
      `in a folder that others can change (${folder}): sqlock does not run a load there as root`,
    );
  }
});

it("root without the right to become the owner switches nothing", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY);
  const through = ["setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid"];
  expect(await journalMode([database, "wal"], { through })).toMatchObject({
    code: 2,
    changed: false,
    obstacles: [{ code: "no-user", message: expect.stringContaining(`cannot become uid ${MALLORY}`) }],
  });
});

it("removes nothing of anybody else's when the folder for its link is swapped", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const database = join(folder, "ends in a space ");
  renameSync(databaseOf(MALLORY), database);
  const victims = victimsFiles();
  const before = stateOf(victims);
  let swaps = 0;
  for (let run = 0; run < repetitions(30, 2); run++) {
    const temporary = stickyTemporaryFiles();
    const racer = await startFolderRacer(temporary.folder, linkOf(MALLORY, victims, join(folder, `decoy-${run}`)));
    const { stdout, stderr } = await sqlock(["journal-mode", database, otherMode(database)], { env: temporary.env });
    swaps += await racer.stop();
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  }
  expect(swaps).toBeGreaterThan(200);
  expect(stateOf(victims)).toEqual(before);
  expect(readdirSync(folder).filter((name) => statSync(join(folder, name)).uid === 0)).toEqual([]);
});

it("a -wal that is kept is the owner's, and is written over no link", async (context) => {
  needRoot(context);
  const path = databaseOf(MALLORY, "wal");
  const holder = await startHolder({ uid: MALLORY });
  await holder.run(`${connect(path)}\nc.execute("insert into t values (1)")`);
  const database = pinFile(path, "");
  if (database === null) throw new Error("no database");
  const user = { uid: MALLORY, gid: MALLORY, name: null };
  const { dev, ino } = statSync(`${path}-wal`, { bigint: true });
  const witness = new WalWitness({ path, database, pins: [database], user }, [{ fd: 0, dev, ino }]);
  const secret = join(folderOf(VICTIM), "secret");
  linkOf(MALLORY, secret, `${path}-wal.kept`);
  expect(await witness.keep()).toBe(`${path}-wal.kept-2`);
  expect(existsSync(secret)).toBe(false);
  expect(statSync(`${path}-wal.kept-2`)).toMatchObject({ uid: MALLORY, gid: MALLORY, mode: 0o100600 });
  give(dirname(path), 0);
  expect(await witness.keep()).toBeNull();
  witness.close();
});

it("a path that becomes a pipe or a link before the proof holds nothing up", async (context) => {
  needRoot(context);
  const path = databaseOf(MALLORY, "wal");
  const fd = openSync(path, "r");
  const { dev, ino } = statSync(path, { bigint: true });
  linkOf(MALLORY, path, `${path}-wal`);
  const database = pinFile(path, "");
  if (database === null) throw new Error("no database");
  const user = { uid: MALLORY, gid: MALLORY, name: null };
  const witness = new WalWitness({ path, database, pins: [database], user }, [{ fd, dev, ino }]);
  expect(await witness.compare({ held: true, counter: 1 })).toEqual({
    kind: "not-compared",
    why: { kind: "another-file" },
  });
  witness.close();
  closeSync(fd);
});
