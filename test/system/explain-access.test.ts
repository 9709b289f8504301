/**
 * explain --db for messages that rights bring about: the files are tried as the user who got the message. Each case is
 * what SQLite really says to that user, and what explain says of it, run by that user and by root for it.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeEach, describe, expect, type TestContext, test } from "vitest";
import type { ExplanationDocument } from "../../src/render/explain/json.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { AS_NOBODY, type MountNamespace, mountImage, mountNamespace, NOBODY } from "../support/namespace.ts";
import { expectToFit } from "../support/schema.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { type RunOptions, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

beforeEach((context) => need(context, isRoot, "root"));

const MESSAGES = {
  "readonly-database": "attempt to write a readonly database",
  "unable-to-open": "unable to open database file",
  "disk-io-error": "disk I/O error",
} as const;
type MessageId = keyof typeof MESSAGES;

async function explained(
  message: MessageId,
  database: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<ExplanationDocument> {
  const { stdout, stderr } = await sqlock(["explain", "--json", "--db", database, ...args, MESSAGES[message]], options);
  if (stdout === "") throw new Error(stderr);
  const document = JSON.parse(stdout) as ExplanationDocument;
  expectToFit("explain", document);
  return document;
}

/** The refusals, as `what act why code`, and the first cause, which has to show. */
function refusedIn({ access, causes }: ExplanationDocument): { readonly refusals: string[]; readonly first: string } {
  const [first] = causes;
  return {
    refusals: (access?.refusals ?? []).map(({ what, act, why, code }) => `${what} ${act} ${why} ${code}`),
    first: `${first?.id} ${first?.standing}`,
  };
}

const WRITE = `c.execute("insert into t values (1)")`;

/** What SQLite says to nobody. */
async function failure(database: string, sql = WRITE, through?: readonly string[]): Promise<string> {
  const holder = await startHolder(through === undefined ? { uid: NOBODY } : { through });
  const failed = await holder.run(`
try:
    ${connect(database)}
    ${sql}
    c.close()
except sqlite3.OperationalError as error: answer = str(error)`);
  await holder.end();
  return String(failed);
}

/** Of nobody, with the folder. */
function databaseOfNobody(mode: "delete" | "wal"): string {
  const database = newDatabase(mode);
  for (const path of [dirname(database), database]) chownSync(path, NOBODY, NOBODY);
  return database;
}

function roots(path: string, mode: number): void {
  chownSync(path, 0, 0);
  chmodSync(path, mode);
}

/** What is in its folder, and when each of them, and the folder, last changed in any way. */
function folderOf(database: string): string[] {
  const folder = dirname(database);
  return [".", ...readdirSync(folder)].map(
    (name) => `${name} ${statSync(join(folder, name), { bigint: true }).ctimeNs}`,
  );
}

interface Case {
  readonly mode: "delete" | "wal";
  readonly prepare: (database: string) => unknown;
  readonly message: MessageId;
  readonly refusals: readonly string[];
  readonly cause: string;
}

const CASES: Record<string, Case> = {
  "the database is 0444": {
    mode: "delete",
    prepare: (database) => chmodSync(database, 0o444),
    message: "readonly-database",
    refusals: ["database write mode 8"],
    cause: "no-permission",
  },
  "it is somebody else's": {
    mode: "delete",
    prepare: (database) => roots(database, 0o644),
    message: "readonly-database",
    refusals: ["database write mode 8"],
    cause: "no-permission",
  },
  "it may not be read either": {
    mode: "delete",
    prepare: (database) => roots(database, 0o600),
    message: "unable-to-open",
    refusals: ["database read mode 14"],
    cause: "no-permission",
  },
  "no -journal can be made in the folder": {
    mode: "delete",
    prepare: (database) => roots(dirname(database), 0o755),
    message: "readonly-database",
    refusals: ["folder make-files mode 1544"],
    cause: "no-permission",
  },
  "root has left its -wal and -shm": {
    mode: "wal",
    prepare: async (database) => {
      await holding(database, WRITE);
      for (const suffix of ["-wal", "-shm"]) roots(database + suffix, 0o644);
    },
    message: "readonly-database",
    refusals: ["shm write mode 8", "wal write mode 8"],
    cause: "wal-files",
  },
  "root has left a -journal that may only be read": {
    mode: "delete",
    prepare: async (database) => {
      const root = await holding(database, `c.execute("pragma journal_mode=persist"); ${WRITE}`);
      await root.end();
      roots(`${database}-journal`, 0o644);
    },
    message: "disk-io-error",
    refusals: ["journal write mode 778"],
    cause: "no-permission",
  },
  "a -journal of root's in a folder such as /tmp": {
    mode: "delete",
    prepare: (database) => {
      roots(dirname(database), 0o1777);
      writeFileSync(`${database}-journal`, "");
      roots(`${database}-journal`, 0o666);
    },
    message: "disk-io-error",
    refusals: ["journal delete sticky 2570"],
    cause: "no-permission",
  },
};

describe("what is refused, and by what", () => {
  test.for(Object.entries(CASES))("%s", async ([_, { mode, prepare, message, refusals, cause }]) => {
    const database = databaseOfNobody(mode);
    await prepare(database);
    const before = folderOf(database);
    const [byRoot, byNobody] = await Promise.all([
      explained(message, database, ["--as", String(NOBODY)]),
      explained(message, database, [], { uid: NOBODY }),
    ]);
    for (const document of [byRoot, byNobody]) {
      const found = refusedIn(document);
      expect(found.refusals.toSorted()).toEqual(refusals);
      const onlooker = document.access?.users[0]?.because === "onlooker"; // root has it open as well
      const shown = !onlooker || cause === "wal-files"; // whose they are shows in who-holds (foreign-companion)
      expect(found.first).toBe(`${cause} ${shown ? "this-time" : "fits"}`);
    }
    expect(folderOf(database)).toEqual(before);
    expect(await failure(database)).toBe(MESSAGES[message]);
  });

  test("a folder above that the user may not pass through", async () => {
    const database = databaseOfNobody("delete");
    const folder = dirname(database);
    const inside = join(folder, "inside");
    execFileSync("sh", ["-c", 'mkdir "$0" && mv "$1" "$0"', inside, database]);
    roots(folder, 0o700);
    const path = join(inside, basename(database));
    const document = await explained("unable-to-open", path, ["--as", "nobody"]);
    expect(refusedIn(document)).toEqual({ refusals: ["path pass mode 14"], first: "no-permission this-time" });
    expect(document.access?.refusals[0]?.path).toBe(folder);
    expect(await failure(path)).toBe(MESSAGES["unable-to-open"]);
  });

  test("run by that user, who may not look at it either; and a path that leads nowhere", async () => {
    const database = databaseOfNobody("delete");
    roots(dirname(database), 0o700);
    const first = async (path: string) => {
      const { causes } = await explained("unable-to-open", path, [], { uid: NOBODY });
      return `${causes[0]?.id} ${causes[0]?.standing}`;
    };
    expect(await first(database)).toBe("no-permission this-time");
    expect(await first(join(tempFolder(), "none", "db.sqlite3"))).toBe("wrong-path fits");
  });

  test("root asks as the users who have it open", async () => {
    const database = databaseOfNobody("delete");
    chmodSync(database, 0o444);
    const holder = await startHolder({ uid: NOBODY });
    await holder.run(`${connect(database)}\nc.execute("select count(*) from t").fetchall()`);
    const document = await explained("readonly-database", database);
    expect(document.access?.users).toMatchObject([{ uid: NOBODY, because: "holder", pids: [holder.pid] }]);
    expect(refusedIn(document)).toEqual({ refusals: ["database write mode 8"], first: "no-permission this-time" });
    const { stdout } = await sqlock(["explain", "--db", database, MESSAGES["readonly-database"]]);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      `who has it open (${holder.pid}), cannot write the database ${database} (mode 0444, owner ${NOBODY}`,
    );
  });

  test("a process that has it open has passed the folders above, perhaps on another path", async () => {
    const database = databaseOfNobody("delete");
    const folder = dirname(database);
    const inside = join(folder, "inside");
    execFileSync("sh", ["-c", 'mkdir "$0" && chown "$2" "$0" && mv "$1" "$0"', inside, database, String(NOBODY)]);
    const path = join(inside, basename(database));
    chmodSync(path, 0o444);
    const holder = await startHolder({ uid: NOBODY });
    await holder.run(`${connect(path)}\nc.execute("select count(*) from t").fetchall()`);
    roots(folder, 0o700);
    expect(refusedIn(await explained("readonly-database", path))).toEqual({
      refusals: ["database write mode 8"],
      first: "no-permission this-time",
    });
  });

  test("by the groups of the process, not those of its user's entry", async () => {
    const database = databaseOfNobody("delete");
    for (const path of [dirname(database), database]) chownSync(path, 0, 4321);
    chmodSync(dirname(database), 0o770);
    chmodSync(database, 0o660);
    const setpriv = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--groups=4321"];
    const holder = await startHolder({ through: setpriv });
    await holder.run(`c = sqlite3.connect("file:${database}?mode=ro", uri=True)
c.execute("select count(*) from t").fetchall()`);
    const document = await explained("readonly-database", database);
    expect(document.access?.users).toMatchObject([{ uid: NOBODY, because: "holder" }]);
    expect(refusedIn(document)).toEqual({ refusals: [], first: "read-only-connection fits" });
  });

  test("nobody has it open: the owner may be the one, which is no proof", async () => {
    const database = databaseOfNobody("delete");
    roots(dirname(database), 0o755);
    const document = await explained("readonly-database", database);
    expect(document.access?.users).toMatchObject([{ uid: NOBODY, because: "owner" }]);
    expect(refusedIn(document).first).toBe("no-permission fits");
  });
});

describe("silent next to it", () => {
  test("an onlooker's rights are no proof where only others have it open", async () => {
    const database = newDatabase("delete");
    await holding(database, `c.execute("begin"); c.execute("select count(*) from t").fetchall()`);
    const document = await explained("readonly-database", database, [], { uid: NOBODY });
    expect(document.access?.users).toMatchObject([{ uid: NOBODY, because: "onlooker" }]);
    expect(refusedIn(document).first).toBe("no-permission fits");
  });

  test.for(["delete", "wal"] as const)("%s: all is allowed", async (mode) => {
    const database = databaseOfNobody(mode);
    const document = await explained("readonly-database", database, [], { uid: NOBODY });
    expect(document.access?.refusals).toEqual([]);
    expect(document.causes.find(({ id }) => id === "no-permission")).toMatchObject({ standing: "unlikely" });
    expect(await failure(database)).toBe("null");
  });

  test("a message that no rights bring about tries nothing", async () => {
    const database = databaseOfNobody("delete");
    chmodSync(database, 0o444);
    const { stdout } = await sqlock(["explain", "--json", "--db", database, "database is locked"]);
    expect((JSON.parse(stdout) as ExplanationDocument).access).toBeNull();
  });

  test("a connection that is read-only itself: it shows by its descriptor", async () => {
    const database = databaseOfNobody("delete");
    const holder = await startHolder({ uid: NOBODY });
    await holder.run(`c = sqlite3.connect("file:${database}?mode=ro", uri=True)
c.execute("select count(*) from t").fetchall()`);
    await expect(holder.run(WRITE)).rejects.toThrow(MESSAGES["readonly-database"]);
    const document = await explained("readonly-database", database);
    expect(refusedIn(document)).toEqual({ refusals: [], first: "read-only-connection fits" });
  });
});

describe("the file system", () => {
  /** An ext4 of its own, with a database of nobody's. */
  async function onExt4(context: TestContext): Promise<{ space: MountNamespace; point: string; database: string }> {
    need(context, has("mkfs.ext4"), "mkfs.ext4 (e2fsprogs)");
    const folder = tempFolder();
    const [space, point] = [await mountNamespace(), join(folder, "mnt")];
    try {
      mountImage(space, join(folder, "image"), point, "ext4");
    } catch {
      context.skip("needs loop devices");
    }
    const database = join(point, "db.sqlite3");
    await space.keeper.run(`${connect(database)}\nc.execute("create table t(a)"); c.close()`);
    space.run("chown", "-R", `${NOBODY}:${NOBODY}`, point);
    return { space, point, database };
  }

  const asNobody = (space: MountNamespace) => ({ through: space.through });

  test("immutable and append-only files and folders", async (context) => {
    const { space, point, database } = await onExt4(context);
    const look = async (message: MessageId) =>
      refusedIn(await explained(message, database, ["--as", String(NOBODY)], asNobody(space)));
    const says = () => failure(database, WRITE, space.throughAsNobody);
    for (const attribute of ["i", "a"]) {
      space.run("chattr", `+${attribute}`, database);
      expect(await look("readonly-database")).toEqual({
        refusals: ["database write attribute 8"],
        first: "no-permission this-time",
      });
      expect(await says()).toBe(MESSAGES["readonly-database"]);
      space.run("chattr", `-${attribute}`, database);
    }
    space.run("chattr", "+i", point);
    expect(await look("unable-to-open")).toEqual({
      refusals: ["folder make-files attribute 14"],
      first: "no-permission this-time",
    });
    expect(await says()).toBe(MESSAGES["unable-to-open"]);
    space.run("chattr", "-i", point);
    expect((await look("readonly-database")).refusals).toEqual([]);
    expect(await says()).toBe("null");
  });

  test("it went read-only after an error (errors=remount-ro)", async (context) => {
    const { space, point, database } = await onExt4(context);
    space.run("mount", "-o", "remount,errors=remount-ro", point);
    const device = basename(space.run("findmnt", "-n", "-o", "SOURCE", point).trim());
    try {
      appendFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, "of a test\n");
    } catch {
      context.skip("needs /sys/fs/ext4/DEVICE/trigger_fs_error");
    }
    const document = await explained("readonly-database", database, ["--as", String(NOBODY)], asNobody(space));
    expect(refusedIn(document)).toEqual({
      refusals: ["database write went-read-only 8"],
      first: "read-only-file-system this-time",
    });
    expect(document.access?.mount).toMatchObject({
      readOnly: true,
      wentReadOnly: expect.stringMatching(/^(proved|likely)$/),
    });
    expect(document.thisTime).toMatchObject([{ finding: "not-writable", cause: "read-only-file-system" }]);
    expect(await failure(database, WRITE, space.throughAsNobody)).toBe(MESSAGES["readonly-database"]);
  });

  test("a mount that is read-only, here or where the process is", async () => {
    const database = databaseOfNobody("delete");
    const folder = dirname(database);
    const space = await mountNamespace();
    space.run("mount", "--bind", folder, folder);
    space.run("mount", "-o", "remount,bind,ro", folder);
    const holder = await startHolder({ through: space.throughAsNobody });
    await holder.run(`${connect(database)}\nc.execute("select count(*) from t").fetchall()`);
    await expect(holder.run(WRITE)).rejects.toThrow(MESSAGES["readonly-database"]);
    const inside = await explained("readonly-database", database, [], { through: space.through });
    expect(refusedIn(inside)).toEqual({
      refusals: ["database write mount 8"],
      first: "read-only-file-system this-time",
    });
    const outside = await explained("readonly-database", database);
    expect(refusedIn(outside)).toEqual({
      refusals: ["database write holders-mount 8"],
      first: "read-only-file-system this-time",
    });
  });

  test("no inode for another file, though there is room", async () => {
    const point = tempFolder();
    const space = await mountNamespace();
    space.run("mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=3", "tmpfs", point);
    const database = join(point, "db.sqlite3");
    const holder: Holder = await startHolder({ through: space.through });
    await holder.run(`${connect(database)}\nc.execute("create table t(a)")`);
    const look = () => explained("unable-to-open", database, ["--as", "0"], { through: space.through });
    expect(refusedIn(await look()).refusals).toEqual([]);
    await holder.run(`open(${JSON.stringify(join(point, "filler"))}, "w").close()`);
    const document = await look();
    expect(refusedIn(document)).toEqual({
      refusals: ["folder make-files no-inode 14"],
      first: "no-room-for-a-file this-time",
    });
    expect(document.thisTime).toMatchObject([{ finding: "disk-full" }]);
    await expect(holder.run(WRITE)).rejects.toThrow(MESSAGES["unable-to-open"]);
  });

  test("a quota that is used up: what SQLite says of it", async (context) => {
    need(context, has("strace"), "strace");
    const database = newDatabase();
    const inject = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=pwrite64",
      "-e",
      "inject=pwrite64:error=EDQUOT",
    ];
    expect(await failure(database, WRITE, inject)).toBe(MESSAGES["disk-io-error"]);
  });
});

describe("--as", () => {
  test("needs a database, a user, and root", async () => {
    const database = databaseOfNobody("delete");
    const refused = async (args: readonly string[], options: RunOptions = {}) => {
      const { code, stderr } = await sqlock(["explain", ...args], options);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused(["--as", "nobody", "x"])).toMatch(/^sqlock: --as needs a database; /);
    expect(await refused(["--db", database, "--as", "no such user"])).toMatch(
      /^sqlock: there is no user no such user; /,
    );
    expect(await refused(["--db", database, "--as", "0"], { uid: NOBODY })).toMatch(
      /^sqlock: only root can act as user 0; /,
    );
    const two = tempFolder();
    for (const name of ["a.db", "b.db"]) execFileSync("cp", [database, join(two, name)]);
    expect(await refused(["--db", two, "--as", "nobody"])).toMatch(
      /^sqlock: --as inspects one database, but there are 2 here; /,
    );
    expect(await refused(["--list", "--as", "nobody"])).toMatch(/^sqlock: --list takes no text/);
    expect(
      (await explained("readonly-database", database, ["--as", "nobody"], { through: AS_NOBODY, open: true })).access,
    ).toMatchObject({ users: [{ uid: NOBODY, because: "asked" }], refusals: [] });
  });
});
