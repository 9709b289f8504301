/**
 * A descriptor proves nothing about the process that has it: another user may have locked the file through it and
 * passed it on (SCM_RIGHTS). As root, `kill` ends nobody on its word.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, give, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { type KillAnswer, killJson, runs } from "../support/kill.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** struct flock of fcntl(2); F_OFD_SETLK is 37. */
const OFD = (type: string, start: number, length: number) =>
  `fcntl.fcntl(fd, 37, struct.pack("hhqqi", fcntl.${type}, 0, ${start}, ${length}, 0))`;

/** A process that anybody may send something to. `asks`: whether it takes it. */
async function daemon(socket: string, uid: number, python = ""): Promise<Holder> {
  const process = await startHolder({ uid });
  await process.run(`import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(socket)}); os.chmod(${JSON.stringify(socket)}, 0o777)
${python}`);
  return process;
}

const RECEIVE = "received = socket.recv_fds(s, 1, 4)";

/** Mallory opens a file, locks it, sends the descriptor away, and keeps none. */
async function sendLocked(file: string, flags: string, lock: string, socket: string): Promise<Holder> {
  const mallory = await startHolder({ uid: MALLORY });
  await mallory.run(`import socket
fd = os.open(${JSON.stringify(file)}, os.${flags})
${lock}
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(${JSON.stringify(socket)})
socket.send_fds(s, [b"x"], [fd])
os.close(fd)`);
  return mallory;
}

const STALE = ["--stale", "--stale-after", "1ms", "--yes"];

/** Of --yes and --stale, which takes a process that counts as asleep in a transaction. */
async function answersOf(database: string): Promise<KillAnswer[]> {
  const stale = await until("it is asleep", async () => {
    const answer = await killJson([database, ...STALE]);
    return answer.outcomes.length > 0 ? answer : undefined;
  });
  return [stale, await killJson([database, "--yes"])];
}

it("a daemon that was passed a descriptor with OFD and flock locks is ended only by name", async (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const database = newDatabase("delete", folder);
  give(database, MALLORY);
  const socket = join(folderOf(VICTIM, 0o755), "socket");
  for (const [uid, lock, apis] of [
    [0, `${OFD("F_WRLCK", 1073741824, 512)}; fcntl.flock(fd, fcntl.LOCK_EX)`, "OFD and flock"],
    [VICTIM, OFD("F_WRLCK", 1073741825, 1), "OFD"],
  ] as const) {
    const path = `${socket}-${uid}`;
    const victim = await daemon(path, uid);
    const mallory = await sendLocked(database, "O_RDWR", lock, path);
    await victim.run(RECEIVE);
    const answers = uid === 0 ? await answersOf(database) : [await killJson([database, "--yes", "--dry-run"])];
    for (const answer of answers)
      expect(answer).toMatchObject({
        code: 2,
        outcomes: [
          {
            pid: victim.pid,
            result: "refused",
            signal: null,
            reasonKind: "passed-lock",
            reason: expect.stringMatching(`^it blocks only by ${apis} locks.*: --pid ${victim.pid}$`),
          },
        ],
      });
    expect(await runs(victim.pid)).toBe(true);
    await mallory.end();
    if (uid === 0) await victim.end();
    else expect(await killJson([database, "--yes", "--pid", String(victim.pid)])).toMatchObject({ code: 0 });
  }
});

it("one that never asked for it, and one that has the database open itself", async (context) => {
  needRoot(context);
  const folder = folderOf(VICTIM);
  const database = newDatabase("wal", folder);
  give(database, VICTIM);
  const socket = join(folder, "socket");
  const victim = await daemon(socket, VICTIM, `${connect(database)}\nc.execute("select * from t").fetchall()`);
  await sendLocked(`${database}-shm`, "O_RDONLY", OFD("F_RDLCK", 120, 1), socket); // nobody can write any more
  expect(await killJson([database, "--yes"])).toMatchObject({ code: 1, stillBlocked: true, outcomes: [] });
  await victim.run(RECEIVE);
  for (const answer of await answersOf(database))
    expect(answer).toMatchObject({ code: 2, outcomes: [{ pid: victim.pid, reasonKind: "passed-lock" }] });
  expect(await runs(victim.pid)).toBe(true);
});

it("another user's process is ended only by name, the owner's at once", async (context) => {
  needRoot(context);
  const database = newDatabase("delete", folderOf(MALLORY, 0o777));
  give(database, MALLORY, 0o666);
  const [other, own] = [await startHolder({ uid: VICTIM }), await startHolder({ uid: MALLORY })];
  await other.run(`${connect(database)}\n${WRITE}`);
  const refused = await killJson([database, "--yes"]);
  expect(refused).toMatchObject({ code: 2, outcomes: [{ pid: other.pid, reasonKind: "other-user", dangers: [] }] });
  expect(refused.outcomes[0]?.reason).toContain(
    `it belongs to user ${VICTIM}, and the database belongs to user ${MALLORY}`,
  );
  expect(await killJson([database, "--yes", "--pid", String(other.pid)])).toMatchObject({ code: 0 });
  await own.run(`${connect(database)}\n${WRITE}`);
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 0,
    outcomes: [{ pid: own.pid, result: "exited" }],
  });
});

it("a service of root's that works as the database's owner for a while is root's", async (context) => {
  needRoot(context);
  const database = newDatabase("delete", folderOf(MALLORY, 0o777));
  give(database, MALLORY);
  const service = await startHolder();
  await service.run(`os.seteuid(${MALLORY})\n${connect(database)}\n${WRITE}`);
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 2,
    outcomes: [
      { pid: service.pid, reasonKind: "other-user", reason: expect.stringContaining("it belongs to root, and") },
    ],
  });
  expect(await runs(service.pid)).toBe(true);
});
