/** `stress`, run by root on what a hostile user owns: nothing of anybody else is read, changed or removed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import {
  databaseOf,
  folderOf,
  give,
  MALLORY,
  needRoot,
  startFolderRacer,
  startRacer,
  stateOf,
  VICTIM,
  victimsFiles,
} from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { mountNamespace } from "../support/namespace.ts";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { SOUND, stressJson } from "../support/stress.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const SMALL = ["--duration", "100ms", "--writers", "1", "--readers", "1"];
const MIN_SWAPS = 200;

/** So many runs, and more where the racer was slow. */
function isEnough(runs: number, swaps: number): boolean {
  return runs >= repetitions(30, 1) && (swaps > MIN_SWAPS || runs > 40);
}

/** One line, no stack: whatever the attacker does. */
function expectNoBug(stderr: string): void {
  expect(stderr).not.toMatch(/this is a bug|^\s+at /m);
}

/** A link of Mallory's. */
function linkTo(target: string, path = join(folderOf(MALLORY), "decoy")): string {
  symlinkSync(target, path);
  lchownSync(path, MALLORY, MALLORY);
  return path;
}

it("does all of it as the owner of the database, and says so", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY);
  const openedAs = { uid: MALLORY, of: "database", folderUid: null };
  expect(await stressJson([...SMALL, database])).toMatchObject({ code: 0, openedAs, verification: SOUND });
  const { stdout } = await sqlock(["stress", "--in-place", "--yes", ...SMALL, database]);
  expect(stdout).toContain(`opened as uid ${MALLORY}, its owner`);
  expect(readdirSync(join(database, "..")).toString()).toBe("db.sqlite3");
  expect(lstatSync(database).uid).toBe(MALLORY);
});

it("writes nothing where a link leads that took the place of the private folder", async (context) => {
  needRoot(context);
  const targets = [folderOf(0, 0o700), folderOf(VICTIM, 0o700)];
  let swaps = 0;
  for (let run = 0; !isEnough(run, swaps); run++) {
    const database = databaseOf(MALLORY, run % 2 === 0 ? "wal" : "delete");
    const target = String(targets[run % 2]);
    const racer = await startFolderRacer(join(database, ".."), linkTo(target));
    const { stderr } = await sqlock(["stress", ...SMALL, database]);
    swaps += await racer.stop();
    expectNoBug(stderr);
    expect(readdirSync(target)).toEqual([]);
  }
  expect(swaps).toBeGreaterThan(MIN_SWAPS);
});

it("shows the bytes of a secret in no file, where a journal becomes a link to it", async (context) => {
  needRoot(context);
  const secret = join(folderOf(0, 0o700), "secret");
  writeFileSync(secret, "the secret of root's ".repeat(1000), { mode: 0o600 });
  let swaps = 0;
  for (let run = 0; !isEnough(run, swaps); run++) {
    const database = databaseOf(MALLORY, run % 2 === 0 ? "delete" : "wal");
    const companion = `${database}${run % 2 === 0 ? "-journal" : "-wal"}`;
    writeFileSync(companion, "");
    give(companion, MALLORY);
    const racer = await startRacer(companion, linkTo(secret, `${database}-other`));
    const { stdout, stderr } = await sqlock(["stress", ...SMALL, database]);
    swaps += await racer.stop();
    expectNoBug(stderr);
    expect(stdout + stderr).not.toContain("the secret");
    expect(textsBelow(join(database, ".."))).not.toContain("the secret");
  }
  expect(swaps).toBeGreaterThan(MIN_SWAPS);
});

it("takes no database whose journal is a link", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY);
  const companion = linkTo(join(folderOf(0, 0o700), "secret"), `${database}-journal`);
  const { code, stderr } = await sqlock(["stress", ...SMALL, database]);
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(companion) });
  expect(readdirSync(join(database, "..")).sort()).toEqual(["db.sqlite3", "db.sqlite3-journal"]);
});

function textsBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

it.each([
  ["a link to a folder of the victim's", false],
  ["a folder of the victim's", true],
])("removes nothing where %s takes the place of the private folder", async (_, isMoved) => {
  if (process.geteuid?.() !== 0) return;
  let swaps = 0;
  for (let run = 0; !isEnough(run, swaps); run++) {
    const victims = victimsFiles();
    const before = stateOf(victims);
    const database = databaseOf(MALLORY, "wal");
    const decoy = isMoved ? join(database, "../decoy") : linkTo(victims); // who moves a folder elsewhere must own it
    if (isMoved) renameSync(victims, decoy);
    const racer = await startFolderRacer(join(database, ".."), decoy);
    const { stderr } = await sqlock(["stress", ...SMALL, database]);
    swaps += await racer.stop();
    expectNoBug(stderr);
    const places = isMoved ? [decoy, ...privateFoldersIn(join(database, ".."))] : [victims];
    expect(places.filter((place) => lstatSync(place).uid === VICTIM).map(stateOf)).toEqual([before]);
  }
  expect(swaps).toBeGreaterThan(MIN_SWAPS);
});

function privateFoldersIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("sqlock-"))
    .map((name) => join(folder, name));
}

it("removes nothing of anybody else's when it was killed", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY, "wal");
  const folder = join(database, "..");
  const victims = victimsFiles();
  const before = stateOf(victims);
  const { child, children } = await startLong(["--writers", "2", "--readers", "1", database]);
  const isLink = (name: string) => lstatSync(join(folder, name), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const racer = await startFolderRacer(folder, linkTo(victims));
  // Without a pause: stress soon finds its folder exchanged, and ends by itself.
  const isSwapped = () => readdirSync(folder).some((name) => name.startsWith("sqlock-") && isLink(name));
  for (const end = performance.now() + 5000; !isSwapped() && performance.now() < end; );
  child.kill("SIGKILL");
  await until("the guard has ended, and what it guarded", () => children.every((pid) => !isThere(pid)));
  expect(await racer.stop()).toBeGreaterThan(MIN_SWAPS);
  expect(stateOf(victims)).toEqual(before);
});

it("in place: companion files with other names are refused", async (context) => {
  needRoot(context);
  const database = databaseOf(MALLORY, "wal");
  const victims = victimsFiles();
  for (const suffix of ["-wal", "-shm", "-journal"]) linkSync(join(victims, "file-0"), database + suffix);
  const before = stateOf(victims);
  const { code, stdout, stderr } = await sqlock(["stress", "--in-place", "--yes", ...SMALL, database]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/ has 4 names \(hard links\): /);
  expect(stateOf(victims)).toEqual(before);
});

it("in place: another database of the owner, to which a third user leads it, is not written to", async (context) => {
  needRoot(context);
  const parent = folderOf(MALLORY);
  const app = join(parent, "app");
  mkdirSync(app);
  give(app, MALLORY, 0o777);
  const database = databaseOf(VICTIM, "delete", app);
  const other = databaseOf(VICTIM, "delete", folderOf(VICTIM, 0o700));
  const bytes = readFileSync(other);
  const racer = await startRacer(app, linkTo(join(other, ".."), join(parent, "link")), { pauseUs: 300 });
  for (let run = 0; run < repetitions(60, 2); run++) {
    const { stderr } = await sqlock(["stress", "--in-place", "--yes", ...SMALL, database]);
    expectNoBug(stderr);
    expect(readFileSync(other).equals(bytes)).toBe(true);
  }
  expect(await racer.stop()).toBeGreaterThan(MIN_SWAPS);
});

it("in place: no process that starts later writes to another file under the same name", async (context) => {
  needRoot(context);
  const parent = folderOf(MALLORY);
  const app = join(parent, "app");
  mkdirSync(app);
  give(app, MALLORY);
  const database = databaseOf(MALLORY, "delete", app);
  const other = databaseOf(MALLORY, "delete", folderOf(MALLORY, 0o700));
  const bytes = readFileSync(other);
  const load = ["--duration", "60s", "--writers", "1", "--readers", "1", "--kill-every", "500ms"];
  const running = sqlock(["stress", "--in-place", "--yes", ...load, database]);
  await until("the load writes", () => readFileSync(database).includes("sqlock_stress_"));
  renameSync(app, join(parent, "away"));
  linkTo(join(other, ".."), app);
  const { code, stdout, stderr } = await running;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("the path now leads to a different file");
  const byItsOwner = `sudo -u '#${MALLORY}' sqlite3 -init /dev/null FILE 'DROP TABLE IF EXISTS sqlock_stress_`;
  expect(stderr).toMatch(/could not be dropped: .*; find the file that was there, then: sudo /);
  expect(stderr).toContain(byItsOwner);
  expectNoBug(stderr);
  expect(readFileSync(other).equals(bytes)).toBe(true);
  expect(readdirSync(join(other, ".."))).toEqual(["db.sqlite3"]);
});

it("in place: nothing is removed where the folder that keeps room on a small disk is exchanged", async (context) => {
  needRoot(context);
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", `size=64M,uid=${MALLORY},mode=755`, "tmpfs", point);
  space.run("cp", "-p", databaseOf(MALLORY), `${point}/app.db`);
  const victims = victimsFiles();
  const before = stateOf(victims);
  space.run("ln", "-s", victims, `${point}/decoy`);
  space.run("chown", "-h", String(MALLORY), `${point}/decoy`);
  const racer = await startFolderRacer(point, join(point, "decoy"), { through: space.through });
  for (let run = 0; run < repetitions(30, 1); run++) {
    const args = ["stress", "--in-place", "--yes", ...SMALL, join(point, "app.db")];
    const { stdout, stderr } = await sqlock(args, { through: space.through });
    expect(stdout).toContain("The database is intact.");
    expectNoBug(stderr);
  }
  expect(await racer.stop()).toBeGreaterThan(MIN_SWAPS);
  expect(stateOf(victims)).toEqual(before);
});

it("as root, and for an owner, no folder is made where somebody else could swap it", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY, 0o777);
  const elsewhere = databaseOf(VICTIM, "delete", folderOf(MALLORY, 0o777));
  for (const [args, env, reason] of [
    [[], { TMPDIR: folder }, "who could replace what root makes there"],
    [["--dir", folder], {}, "who could replace what root makes there"],
    [["--dir", folder, newDatabase("delete")], {}, "who could replace what root makes there"],
    [["--dir", folder, databaseOf(VICTIM)], {}, `who could replace what uid ${VICTIM} makes there`],
    [[elsewhere], {}, `who could replace what uid ${VICTIM} makes there`],
    [
      ["--dir", folderOf(0), databaseOf(MALLORY)],
      {},
      `(no permission); choose a folder with --dir that uid ${MALLORY}`,
    ],
  ] as const) {
    const { code, stderr } = await sqlock(["stress", ...SMALL, ...args], { env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
    expect(stderr.trimEnd()).not.toContain("\n");
  }
  expect(readdirSync(folder)).toEqual([]);
  expect(readdirSync(join(elsewhere, ".."))).toEqual(["db.sqlite3"]);
});

it("says so where the owner cannot read what the load's processes are made of", async (context) => {
  needRoot(context);
  const folder = folderOf(0, 0o700);
  for (const name of ["bin", "dist", "package.json"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const database = databaseOf(MALLORY);
  const started = (): string => {
    try {
      return execFileSync(NODE, [join(folder, "bin/sqlock.js"), "stress", database], { stdio: "pipe" }).toString();
    } catch (error) {
      return String((error as { stderr: Buffer }).stderr);
    }
  };
  expect(started()).toBe(
    `sqlock: uid ${MALLORY}, which owns ${database}, cannot read ${folder}/dist/workers/stress.cjs; ` +
      "install both where all users can read them\n",
  );
  expect(readdirSync(join(database, ".."))).toEqual(["db.sqlite3"]);
});

/** Mallory's program: what he can do to the processes of a run. Prints what he could. */
const INTRUDE = `
import ctypes, os, signal, sys
PTRACE_SEIZE = 0x4206
libc = ctypes.CDLL(None, use_errno=True)
pid = int(sys.argv[1])
done = []
def attempt(name, work):
    try:
        work()
        done.append(name)
    except OSError:
        pass
def trace():
    if libc.ptrace(PTRACE_SEIZE, pid, None, None) != 0: raise OSError(ctypes.get_errno(), "")
attempt("fd", lambda: os.listdir(f"/proc/{pid}/fd"))
attempt("environ", lambda: open(f"/proc/{pid}/environ").read())
attempt("cwd", lambda: os.listdir(f"/proc/{pid}/cwd"))
attempt("mem", lambda: open(f"/proc/{pid}/mem", "rb"))
attempt("trace", trace)
attempt("signal", lambda: os.kill(pid, signal.SIGUSR1))
print(",".join(done))
`;

it("its owner gets into none of it, and into no child that has something of root's", async (context) => {
  needRoot(context);
  need(context, has("script"), "script");
  const database = databaseOf(MALLORY);
  const secret = join(folderOf(0, 0o700), "secret");
  writeFileSync(secret, "");
  const folder = folderOf(0, 0o700);
  // At a terminal, with a descriptor and a variable of root's, in a folder of root's.
  const inner = `exec 30<>${secret}; exec ${NODE} ${BIN} stress --duration 60s --writers 2 --readers 1 ${database}`;
  const child = spawn("script", ["-qefc", `bash -c '${inner}'`, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, SECRET: "of root's" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdout.resume();
  // The load's processes and the shell of the guard: what came before has ended.
  const pid = await until("the load runs", () =>
    descendants(child.pid ?? 0).find((each) => {
      const commands = commandsOf(each);
      return commands.length === 4 && commands.filter((command) => command.startsWith("sqlock stress")).length === 3;
    }),
  );
  // with the group of the load (nogroup), which the kernel compares as well
  const intrude = [pythonOf(MALLORY), "-S", "-c", INTRUDE, String(pid)];
  const identity = [`--reuid=${MALLORY}`, "--regid=65534", "--clear-groups"];
  expect(execFileSync("setpriv", [...identity, ...intrude], { encoding: "utf8" }).trim()).toBe("signal");
  expect(commandsOf(pid)).toHaveLength(4);
  for (const each of childrenOf(pid))
    expect(leftOfRoot(each, secret)).toEqual({ tty: "0", files: [], cwd: "/", secret: false });
  expect(listeners(pid)).toEqual([]);
  expect(isThere(pid)).toBe(true);
  process.kill(pid, "SIGINT");
  await until("it has ended, and left nothing", () => readdirSync(join(database, "..")).join() === "db.sqlite3");
});

/** Python, as the user of the load: takes their descriptors (pidfd_getfd(2)), writes there, and ends them. */
const GARBLE = `import ctypes, os, sys
PIDFD_OPEN, PIDFD_GETFD = 434, 438
libc = ctypes.CDLL(None, use_errno=True)
found = 0
taken = []
for pid in map(int, sys.argv[2:]):
    handle = libc.syscall(PIDFD_OPEN, pid, 0)
    pipes = [(libc.syscall(PIDFD_GETFD, handle, fd, 0), text)
        for fd, text in ((2, b"{x\\n    at y:1:1\\n"), (3, bytes.fromhex(sys.argv[1])))]
    if any(fd < 0 for fd, _ in pipes): continue
    taken += pipes
    found += 1
for fd, text in taken: # after the first of them, sqlock ends the load, and reads no more
    try: os.write(fd, text)
    except OSError: pass
for pid in map(int, sys.argv[2:]):
    try: os.kill(pid, 9)
    except OSError: pass
print(found)`;

/** 32 bytes: no record; an acknowledgement of the seventh commit of a writer who is not there. */
const GARBAGE = ["ff".repeat(32), `01000000${"00000063"}${"00000007"}${"00".repeat(20)}`];

it.for(GARBAGE)("its user writes garbage to the pipes of the load, and kills it: %s", async (bytes, context) => {
  needRoot(context);
  const database = databaseOf(MALLORY);
  const child = spawn(NODE, [BIN, "stress", "--duration", "60s", ...SMALL.slice(2), database], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr?.on("data", (text) => (stderr += text));
  const exited = once(child, "exit");
  const isLoad = (pid: number) => commandOf(pid).startsWith("sqlock stress") && isOpenTo(MALLORY, pid);
  const load = await until("the load runs", () => {
    const found = descendants(child.pid ?? 0).filter(isLoad);
    return found.length === 2 && found.map(String);
  });
  // Without an entry in the list of users, the load is in the group nogroup: whoever traces it has to be, too.
  const identity = [`--reuid=${MALLORY}`, "--regid=65534", "--clear-groups"];
  const garble = [pythonOf(MALLORY), "-S", "-c", GARBLE, bytes, ...load];
  expect(execFileSync("setpriv", [...identity, ...garble], { encoding: "utf8" })).toBe("2\n");
  expect(await exited).toEqual([2, null]);
  expectNoBug(stderr);
  expect(stderr).toMatch(/^sqlock: a process of the load sent data that it never sends: [^\n]+$/m);
});

/** The user may trace it (`/proc/PID` is his, as PR_SET_DUMPABLE in prctl(2) has it), and it has its pipes. */
function isOpenTo(uid: number, pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === uid && [2, 3].every((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) !== "");
  } catch {
    return false; // not yet, or gone
  }
}

/** What Mallory would find in a child that he may trace. */
function leftOfRoot(pid: number, secret: string) {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /s, "")
    .split(" ");
  const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return []; // closed meanwhile
    }
  });
  return {
    tty: fields[4],
    files: files.filter((file) => file.startsWith("/dev/pts") || file.startsWith("/dev/tty") || file === secret),
    cwd: readlinkSync(`/proc/${pid}/cwd`),
    secret: readFileSync(`/proc/${pid}/environ`, "latin1").includes("SECRET"),
  };
}

/** The TCP sockets on which the process listens: of a debugger. */
function listeners(pid: number): string[] {
  const listening = execFileSync("sh", ["-c", `cat /proc/${pid}/net/tcp /proc/${pid}/net/tcp6`], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    .filter((file) => listening.includes(file));
}

/** A run that goes on until it is ended; with its children. */
async function startLong(args: readonly string[]): Promise<{ child: ChildProcess; children: number[] }> {
  const child = spawn(NODE, [BIN, "stress", "--duration", "60s", ...args], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await until("all its children are there", () => childrenOf(child.pid ?? 0).length > 3);
  return { child, children: childrenOf(child.pid ?? 0) };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function commandsOf(pid: number): string[] {
  return childrenOf(pid).map(commandOf);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Not a zombie, either. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
