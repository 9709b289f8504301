/** Whoever hides the descriptor of a lock is told of all the same: as its holder, or as somebody who cannot be seen. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { WhoHoldsDatabase } from "../../src/index.ts";
import { folderOf, give, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { literal } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { repetitions } from "../support/soak.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt, type RunOptions, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const RESERVED = 0x40000001;
const SHARED_FIRST = 0x40000002;

/** Python of the attacker: `lock(f)` takes an OFD write lock on RESERVED; `unshare()` is for a thread's descriptors. */
const ATTACK = `
import ctypes, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
def lock(f, kind=fcntl.F_WRLCK, start=${RESERVED}, length=1):
    fcntl.fcntl(f, 37, struct.pack("hhqqi4x", kind, 0, start, length, 0))
def unshare():
    if libc.unshare(0x400) != 0: raise OSError("unshare")
def fork_with_same_descriptors():
    return libc.syscall({"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x400 | signal.SIGCHLD, 0, 0, 0, 0)
def in_thread(work):
    done = threading.Event()
    def run():
        work()
        done.set()
        while True: time.sleep(1000)
    threading.Thread(target=run, daemon=True).start()
    done.wait()
`;

/** A database that all may write, and a process of Mallory's that knows its path as `db`. */
async function attacked(): Promise<{ database: string; mallory: Holder }> {
  const database = newDatabase("delete", folderOf(VICTIM, 0o777));
  give(database, VICTIM, 0o666);
  const mallory = await startHolder({ uid: MALLORY });
  await mallory.run(`db = ${literal(database)}\n${ATTACK}`);
  return { database, mallory };
}

/** A look that had the time to search all threads, which it may lack beside other tests. */
function searchedLook(database: string, options: RunOptions = {}): Promise<WhoHoldsDatabase> {
  return until("all threads are searched", async () => {
    const seen = await lookAt(database, [], options);
    return seen.unownedSearched !== "part" && seen;
  });
}

async function isLockedForSqlite(database: string): Promise<void> {
  const writer = await holding(database);
  await expect(writer.run(`c.execute("begin immediate")`)).rejects.toThrow("database is locked");
  await writer.end();
}

test("an OFD lock whose descriptor is in a socket is somebody's who cannot be seen", async (context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  await mallory.run(`
a, b = socket.socketpair()
f = os.open(db, os.O_RDWR)
lock(f)
socket.send_fds(a, [b"x"], [f])
os.close(f)`);
  await isLockedForSqlite(database);
  for (const options of [{}, { uid: VICTIM }]) {
    const seen = await searchedLook(database, options);
    expect(seen.holders).toEqual([]);
    expect(lockNames({ locks: seen.unownedLocks })).toEqual(["RESERVED:write"]);
    expect(["everything", "visible"]).toContain(seen.unownedSearched);
    expect(seen.blockers).toMatchObject([
      { pid: null, lock: "RESERVED", effect: "writers", sure: "unknown" },
      { pid: null, lock: "RESERVED", effect: "journal-mode" },
    ]);
    expect(seen.summary.join()).toMatch(/^A process that cannot be seen holds RESERVED: no process or thread /);
  }
  const { stdout, code } = await sqlock(["who-holds", "--exit-code", database]);
  expect(code).toBe(1);
  expect(stdout).not.toContain("nobody");
  const ownersOnly = await lookAt(database, ["--locks-only"]);
  expect(ownersOnly).toMatchObject({ unownedLocks: [{ name: "RESERVED" }], unownedSearched: "lock-owners" });

  // Received again, it is Mallory's.
  await mallory.run(`message, (f,), _, _ = socket.recv_fds(b, 1, 1)`);
  expect(lockNames(holderOf(await lookAt(database), mallory.pid))).toEqual(["RESERVED:write"]);
});

test("it does not hide behind an equal lock that is seen", async (context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  const shared = `lock(f, fcntl.F_RDLCK, ${SHARED_FIRST}, 510)`;
  await mallory.run(`
a, b = socket.socketpair()
f = os.open(db, os.O_RDWR)
${shared}
socket.send_fds(a, [b"x"], [f])
os.close(f)`);
  const victim = await startHolder({ uid: VICTIM });
  await victim.run(`${ATTACK}\nf = os.open(${literal(database)}, os.O_RDWR)\n${shared}`);
  const seen = await lookAt(database);
  expect(lockNames(holderOf(seen, victim.pid))).toEqual(["SHARED:read"]);
  expect(lockNames({ locks: seen.unownedLocks })).toEqual(["SHARED:read"]);
  expect(seen.summary.at(-1)).toContain("A process that cannot be seen holds SHARED");
});

test.for([
  ["that alone has it open", "pass"],
  ["of a process that has it open as well", "main = os.open(db, os.O_RDONLY)"],
] as const)("an OFD lock in the descriptors of a thread %s is that process's", async ([, before], context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  await mallory.run(`
${before}
def work():
    unshare()
    global kept, answered
    kept = os.open(db, os.O_RDWR)
    answered = threading.get_native_id()
    lock(kept)
in_thread(work)
answer = answered`);
  const seen = await searchedLook(database);
  const found = holderOf(seen, mallory.pid);
  expect(lockNames(found)).toEqual(["RESERVED:write"]);
  expect(found.activity).toBe("writing");
  const thread = await mallory.run("answer = answered");
  expect(found.handles.filter((handle) => handle.thread === thread)).toMatchObject([{ role: "database" }]);
  expect(found.handles).toHaveLength(before === "pass" ? 1 : 2);
  expect(seen).toMatchObject({ unownedLocks: [], unownedSearched: null });
});

test("a POSIX lock whose taker has gone is the thread's that still has the taker's descriptors", async (context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  // Mallory's child shares its descriptors with a child of its own, which takes the lock and ends.
  const child = Number(
    await mallory.run(`
answer = os.fork()
if answer == 0:
    taker = fork_with_same_descriptors()
    if taker == 0:
        f = os.open(db, os.O_RDWR)
        fcntl.lockf(f, fcntl.LOCK_EX, 1, ${RESERVED})
        os._exit(0)
    os.waitpid(taker, 0)
    in_thread(lambda: None)
    unshare()
    os.closerange(3, 100)
    open(db + ".ready", "w").close()
    while True: time.sleep(1000)
while not os.path.exists(db + ".ready"): time.sleep(0.01)`),
  );
  onTestFinished(() => void process.kill(child, "SIGKILL"));
  await isLockedForSqlite(database);
  const seen = await searchedLook(database);
  expect(holderOf(seen, child)).toMatchObject({ activity: "writing", heldAtLeastMs: null });
  expect(lockNames(holderOf(seen, child))).toEqual(["RESERVED:write"]);
  expect(seen.unownedLocks).toEqual([]);
  const ownersOnly = await lookAt(database, ["--locks-only"]);
  expect(ownersOnly).toMatchObject({ holders: [], unownedLocks: [{ name: "RESERVED", api: "posix" }] });
});

/** Whether a look tells of a lock, whoever has it. */
function isTold({ holders, unownedLocks, changesHands }: WhoHoldsDatabase, lock: string): boolean {
  const locks = [...holders.flatMap((holder) => holder.locks), ...unownedLocks, ...changesHands];
  return locks.some(({ name }) => name === lock);
}

test("a POSIX lock that is handed from child to child changes hands: no look says nobody", async (context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  const stop = join(database, "..", "stop");
  // Each child has the lock before the one before it ends: at no moment is it free.
  mallory.begin(`
answer = 0
former = None
while not os.path.exists(${literal(stop)}):
    has, told = os.pipe()
    end, let_end = os.pipe()
    child = os.fork()
    if child == 0:
        f = os.open(db, os.O_RDWR)
        fcntl.lockf(f, fcntl.LOCK_SH, 510, ${SHARED_FIRST})
        os.write(told, b"x")
        os.read(end, 1)
        os._exit(0)
    os.read(has, 1)
    if former: os.write(former[1], b"x"); os.waitpid(former[0], 0); os.close(former[1])
    former = (child, let_end)
    for fd in (has, told, end): os.close(fd)
    answer += 1
    time.sleep(0.002)
os.kill(former[0], 9)`);
  const looks: WhoHoldsDatabase[] = [];
  const texts: string[] = [];
  // that a child is met while it lives, and is the holder, is chance
  const changed = () => looks.some((look) => look.changesHands.length > 0);
  for (let i = 0; i < repetitions(40, 2) || (!changed() && i < 30); i++) {
    looks.push(await lookAt(database, i % 2 === 0 ? [] : ["--locks-only"]));
    // to another ordinary user the children are closed
    texts.push((await sqlock(["who-holds", database], { uid: VICTIM })).stdout);
  }
  writeFileSync(stop, "");
  const swaps = Number(await mallory.answer());
  expect(swaps).toBeGreaterThan(repetitions(200, 20));
  expect(looks.filter((look) => !isTold(look, "SHARED"))).toEqual([]);
  expect(texts.filter((text) => !text.includes("SHARED"))).toEqual([]);
  const changing = looks.flatMap((look) => look.changesHands);
  expect(changing.length).toBeGreaterThan(0);
  for (const { pids, withinMs, api } of changing) {
    expect(new Set(pids).size).toBeGreaterThan(1);
    expect(withinMs).toBeGreaterThan(0);
    expect(api).toBe("posix");
  }
});

test("a descriptor that goes to and fro through a socket is seen, or told of", async (context) => {
  needRoot(context);
  const { database, mallory } = await attacked();
  const stop = join(database, "..", "stop");
  mallory.begin(`
a, b = socket.socketpair()
f = os.open(db, os.O_RDWR)
lock(f)
answer = 0
while not os.path.exists(${literal(stop)}):
    socket.send_fds(a, [b"x"], [f])
    os.close(f)
    if answer % 3 == 0: time.sleep(0.001)
    message, (f,), _, _ = socket.recv_fds(b, 1, 1)
    if answer % 5 == 0: time.sleep(0.001)
    answer += 1`);
  const looks: WhoHoldsDatabase[] = [];
  await until("the lock is held", async () => isTold(await lookAt(database), "RESERVED"));
  for (let i = 0; i < repetitions(60, 2); i++) looks.push(await lookAt(database));
  writeFileSync(stop, "");
  expect(Number(await mallory.answer())).toBeGreaterThan(200);
  expect(looks.filter((look) => !isTold(look, "RESERVED"))).toEqual([]);
});
