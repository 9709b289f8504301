/** Constellations that need more than scripts: threads, forks, kills, a database that comes and goes, lost events. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { until } from "../support/until.ts";
import type { Actor } from "./actor.ts";
import { HeldSync } from "./hold-sync.ts";
import { linesOfFile } from "./recording.ts";
import { openers, recorded, type Scenario } from "./scenarios.ts";
import { type Command, close, die, fetchOne, fork, inThread, open, sleep, sql } from "./script.ts";

const BOTH = ["wal", "delete"] as const;
const COUNT = "select count(*) from t";
const insert = (i: number): Command => sql("a", `insert into t values (${i})`);

const attached: Scenario = {
  name: "two databases in one transaction",
  modes: BOTH,
  two: true,
  run: async (world, argv, random) => {
    const actors = await recorded(world, argv, 3, 300);
    for (const actor of actors) actor.tell(sql("a", `attach '${world.databases.two}' as two`));
    for (const actor of actors) {
      for (let i = 0; i < 12; i += 1) {
        const both = [insert(i), sql("a", `insert into two.t values (${i})`)];
        const begin = random() < 0.5 ? "begin" : "begin immediate";
        actor.tell(sql("a", begin), ...(random() < 0.5 ? both : both.reverse()));
        actor.tell(sleep(Math.round(random() * 10)), sql("a", "commit"), sql("a", "rollback"));
        actor.tell(sql("a", `insert into two.t values (${i})`), sleep(Math.round(random() * 10)));
      }
    }
    return world.ends();
  },
};

/** One has the write lock in both, or in the second alone, and the others wait in either. */
const lockedBoth: Scenario = {
  name: "locks in two databases",
  modes: BOTH,
  two: true,
  run: async (world, argv) => {
    const actors = await recorded(world, argv, 3, 3000);
    const [one, two, three] = actors;
    const { main, two: second } = world.databases;
    const insertSecond = (i: number) => sql("a", `insert into two.t values (${i})`);
    for (const actor of actors) await actor.does(sql("a", `attach '${second}' as two`));
    for (let i = 0; i < 3; i += 1) {
      await one?.does(sql("a", "begin immediate"), insert(i), insertSecond(i));
      two?.tell(insertSecond(i + 10), insert(i + 10));
      three?.tell(insert(i + 20), insertSecond(i + 20));
      await until("both are in it", () => two?.log.includes(`(${i + 10})`) && three?.log.includes(`(${i + 20})`));
      await one?.does(sleep(60), sql("a", "commit"));
      for (const actor of actors) await actor.does();
      await one?.does(sql("a", "begin"), insertSecond(i));
      await two?.does(insert(i + 30)); // nobody has this one
      three?.tell(insertSecond(i + 40));
      await one?.does(sleep(60), sql("a", "commit"));
      await three?.does();
    }
    const result = await world.ends();
    const waits = result.lines.filter((line) => line.type === "wait");
    const missing = [main, second].filter((path) => !waits.some((wait) => wait.path === path));
    return { ...result, mismatches: [...result.mismatches, ...missing.map((path) => `nobody waits in ${path}`)] };
  },
};

/** Two threads, each with a connection of its own: SQLite itself keeps them apart. */
const twoConnections: Scenario = {
  name: "two connections of one process",
  modes: BOTH,
  needs: ["threads"],
  run: async (world, argv, random) => {
    const [both, other] = await recorded(world, argv, 2, 250);
    const { main } = world.databases;
    const work = (connection: string) =>
      Array.from({ length: 12 }, (_, i) => [
        ...[sql(connection, "begin immediate"), sql(connection, `insert into t values (${i})`)],
        ...[sleep(Math.round(random() * 60)), sql(connection, "commit"), sql(connection, "rollback")],
        ...[sleep(Math.round(random() * 10)), sql(connection, COUNT)],
      ]).flat();
    both?.tell(...inThread("t1", [open("b", main, 250), ...work("b"), close("b")]));
    both?.tell(...inThread("t2", [open("c", main, 250), ...work("c"), close("c")]));
    other?.tell(...work("a").slice(0, 40));
    return world.ends();
  },
};

/** One after the other: the program locks around it. */
const sharedConnection: Scenario = {
  name: "one connection, two threads",
  modes: BOTH,
  needs: ["threads", "one connection in two threads"],
  run: async (world, argv) => {
    const [shared, other] = await recorded(world, argv, 2, 250);
    for (let i = 0; i < 5; i += 1) {
      await shared?.does(...inThread("t1", [sql("a", "begin immediate")]));
      await until("the other thread may go on", () => shared?.log.split("begin immediate").length === i * 2 + 3);
      other?.tell(sql("a", "begin immediate"), sql("a", "rollback"));
      await shared?.does(...inThread("t2", [insert(i), sleep(50), sql("a", "commit")]));
      await until("it has committed", () => shared?.log.split('"commit"').length === i * 2 + 3);
      await other?.does();
    }
    return world.ends();
  },
};

const forked: Scenario = {
  name: "a fork after open",
  modes: BOTH,
  needs: ["fork"],
  run: async (world, argv) => {
    const [parent, other] = await recorded(world, argv, 2, 300);
    const { main } = world.databases;
    for (let i = 0; i < 3; i += 1) {
      const begin = [open("c", main, 300), sql("c", "begin immediate")];
      const { script, log } = world.script([...begin, sql("c", COUNT), sleep(150), sql("c", "commit"), close("c")]);
      parent?.tell(fork(script, log));
      await until("the child has begun", () => world.logOf(log).includes(COUNT));
      await other?.does(sql("a", "begin immediate"), insert(i), sql("a", "commit"));
      await parent?.does(insert(i));
    }
    return world.ends();
  },
};

/** The child believes that its parent's connection is one of its own: it is refused, and never asks the kernel. */
export const forkedInTransaction: Scenario = {
  name: "a fork in a transaction",
  modes: BOTH,
  needs: ["fork"],
  run: async (world, argv) => {
    const [parent] = await recorded(world, argv, 1, 300);
    const { main } = world.databases;
    const inserts = [2, 3].map((i) => sql("c", `insert into t values (${i})`));
    const { script, log } = world.script([open("c", main, 120), ...inserts]);
    await parent?.does(sql("a", "begin immediate"), insert(1), fork(script, log), sql("a", "commit"));
    return world.ends();
  },
};

type State = "writing" | "reading" | "waiting" | "committing" | "in a select" | "idle";

function killed(state: State): Scenario {
  return {
    name: `SIGKILL while ${state}`,
    modes: BOTH,
    run: async (world, argv) => {
      const [victim, other, third] = await recorded(world, argv, 3, state === "idle" ? 100 : 5000);
      if (victim === undefined || other === undefined || third === undefined) throw new Error("no actors");
      await enter(state, victim, other);
      if (state === "writing" || state === "in a select") {
        third.tell(sql("a", "begin immediate"), insert(7), sql("a", "commit"), sql("a", "rollback"));
        await pause(100);
        victim.tell(die());
      } else victim.kill();
      await victim.isGone();
      await other.does(sql("a", "rollback"), insert(8));
      return world.ends({ gone: new Set([victim]) });
    },
  };
}

/** It has its locks, and is in the middle of making the file safe. The others wait for it until it is killed. */
function killedInSync(what: "commit" | "checkpoint"): Scenario {
  return {
    name: `SIGKILL in the fsync of a ${what}`,
    modes: what === "commit" ? BOTH : ["wal"],
    needs: ["held sync"],
    run: async (world, argv) => {
      const sync = new HeldSync(world.folder);
      const [victim, other, third] = await recorded(world, [...sync.argv, ...argv], 3, 5000);
      if (victim === undefined || other === undefined || third === undefined) throw new Error("no actors");
      const { main } = world.databases;
      const isWal = existsSync(`${main}-wal`);
      const checkpoint = sql("a", "pragma wal_checkpoint(full)");
      await victim.does(sql("a", "pragma synchronous=full"));
      if (what === "commit") await victim.does(sql("a", "begin immediate"), insert(1));
      else await other.does(insert(1));
      sync.holds(victim.pid, what === "commit" && isWal ? `${main}-wal` : main);
      victim.tell(what === "commit" ? sql("a", "commit") : checkpoint);
      await sync.isReached();
      if (what === "commit") third.tell(sql("a", "begin immediate"), insert(7), sql("a", "commit"));
      else third.tell(checkpoint);
      await isIn(third, what === "commit" ? "begin immediate" : "pragma wal_checkpoint(full)");
      victim.kill();
      await victim.isGone();
      sync.release();
      await third.does();
      await other.does(insert(8));
      const result = await world.ends({ gone: new Set([victim]) });
      const told = result.lines.some(
        (line) => line.type === "wait" && line.pid === third.pid && line.blockers.some(({ pid }) => pid === victim.pid),
      );
      return told ? result : { ...result, mismatches: [...result.mismatches, "nobody waits for the one in fsync"] };
    },
  };
}

async function enter(state: State, victim: Actor, other: Actor): Promise<void> {
  switch (state) {
    case "writing":
      return victim.does(sql("a", "begin immediate"), insert(1));
    case "reading":
      return victim.does(sql("a", "begin"), sql("a", COUNT));
    case "in a select":
      return victim.does(fetchOne("a", "select a from t"));
    case "idle":
      return victim.does(insert(1));
    case "waiting":
      await other.does(sql("a", "begin immediate"), insert(1));
      victim.tell(sql("a", "begin immediate"));
      return isIn(victim, "begin immediate");
    case "committing":
      await other.does(sql("a", "begin"), sql("a", COUNT));
      await victim.does(sql("a", "begin immediate"), insert(1));
      victim.tell(sql("a", "commit"));
      return isIn(victim, "commit");
  }
}

/** It has begun that statement, and been in it for a while. */
async function isIn(actor: Actor, text: string): Promise<void> {
  await until(`it is in ${text}`, () => actor.log.includes(`"${text}"`));
  await pause(150);
}

/** The recorder begins in the middle: the owner is known from /proc/locks, for how long is not. */
const middle: Scenario = {
  name: "recorded from the middle of a transaction",
  modes: BOTH,
  run: async (world, argv) => {
    const [owner, waiter] = await openers(world, argv, 2, 300);
    if (owner === undefined || waiter === undefined) throw new Error("no actors");
    await owner.does(sql("a", "begin immediate"), insert(1));
    await world.records([[waiter, "a"]]);
    await waiter.does(sql("a", "begin immediate"));
    await owner.does(insert(2), sql("a", "commit"));
    await waiter.does(sql("a", "begin immediate"), insert(3), sql("a", "commit"));
    await owner.does(insert(4));
    const result = await world.ends();
    const told = result.lines.filter((line) => line.type === "wait").flatMap(({ blockers }) => blockers);
    const wrong = told.filter(({ pid, atLeast, fromMs }) => pid !== owner.pid || !atLeast || fromMs > 50);
    const seen = result.lines.some((line) => line.type === "transaction" && line.pid === owner.pid && line.atLeast);
    const mismatches = [...result.mismatches, ...wrong.map((each) => `not the owner: ${JSON.stringify(each)}`)];
    return { ...result, mismatches: seen ? mismatches : [...mismatches, "the open transaction is not told"] };
  },
};

/** Made, deleted and replaced while it is recorded. The other database has the program probed. */
const replaced: Scenario = {
  name: "a database that is made, deleted and replaced",
  modes: BOTH,
  two: true,
  run: async (world, argv, random) => {
    const { main, two = "" } = world.databases;
    rmSync(main);
    const actors = [world.actor(argv), world.actor(argv)];
    for (const actor of actors) await actor.does(open("b", two, 300), sql("b", COUNT));
    await world.records(actors.map((actor) => [actor, "b"]));
    for (let round = 0; round < 4; round += 1) {
      await actors[0]?.does(open("a", main, 300), sql("a", "create table t(a)"));
      for (const actor of actors) {
        if (actor !== actors[0]) actor.tell(open("a", main, 300));
        for (let i = 0; i < 6; i += 1) {
          actor.tell(sql("a", "begin immediate"), insert(i), sleep(Math.round(random() * 30)), sql("a", "commit"));
        }
        actor.tell(close("a"));
      }
      for (const actor of actors) await actor.does();
      if (round % 2 === 0) rmSync(main);
      else renameSync(main, `${main}.${round}`);
    }
    return world.ends();
  },
};

const twice: Scenario = {
  name: "two recorders at once",
  modes: BOTH,
  run: async (world, argv) => {
    const actors = await openers(world, argv, 3, 400);
    const second = await world.begin();
    await world.warms(
      second,
      actors.map((actor) => [actor, "a"]),
    );
    await world.records(actors.map((actor) => [actor, "a"]));
    for (const actor of actors) {
      for (let i = 0; i < 10; i += 1) actor.tell(sql("a", "begin immediate"), insert(i), sleep(7), sql("a", "commit"));
      actor.tell(sql("a", "rollback"));
    }
    const first = await world.ends();
    const endNs = process.hrtime.bigint();
    const again = world.judge(await second.stops(), endNs, {});
    return { ...again, mismatches: [...first.mismatches, ...again.mismatches] };
  },
};

/** A buffer that is too small, and a recorder that does not come to read it for a while. */
const lost: Scenario = {
  name: "lost events",
  modes: BOTH,
  run: async (world, argv, random) => {
    const actors = await recorded(world, argv, 4, 300);
    const { pid } = world.recording;
    for (const instance of world.recording.instances()) writeFileSync(`${instance}/buffer_size_kb`, "8");
    for (const actor of actors) {
      for (let i = 0; i < 60; i += 1) {
        actor.tell(sql("a", "begin immediate"), insert(i), sleep(Math.round(random() * 6)), sql("a", "commit"));
        if (random() < 0.3) actor.tell(sql("a", COUNT));
      }
      actor.tell(sql("a", "rollback"));
    }
    for (let i = 0; i < 4; i += 1) {
      process.kill(pid, "SIGSTOP");
      await pause(400);
      process.kill(pid, "SIGCONT");
      await pause(250);
    }
    const result = await world.ends({ hasGaps: true });
    const gaps = result.lines.filter(({ type }) => type === "gap").length;
    return gaps > 0 ? result : { ...result, mismatches: [...result.mismatches, "nothing was lost"] };
  },
};

/** Nothing that was written is lost with the recorder. */
const killedRecorder: Scenario = {
  name: "a recorder that is killed",
  modes: ["wal"],
  run: async (world, argv) => {
    const [one, two] = await recorded(world, argv, 2, 300);
    await one?.does(sql("a", "begin immediate"));
    await two?.does(sql("a", "begin immediate"));
    const { file, pid } = world.recording;
    await until("the wait is written", () => linesOfFile(file).some(isWait));
    process.kill(pid, "SIGKILL");
    const endNs = process.hrtime.bigint();
    await until("the guard has removed the probes", () => world.recording.instances().length === 0);
    await one?.does(sql("a", "commit"));
    for (const actor of [one, two]) await actor?.ends();
    const result = world.judge(linesOfFile(file), endNs, { hasGaps: true });
    return result.gaveUp === 1 ? result : { ...result, mismatches: [...result.mismatches, "the wait is lost"] };
  },
};

const isWait = ({ type }: RecordingLine): boolean => type === "wait";

export const SPECIAL: readonly Scenario[] = [
  attached,
  lockedBoth,
  twoConnections,
  sharedConnection,
  forked,
  forkedInTransaction,
  ...(["writing", "reading", "waiting", "committing", "in a select", "idle"] as const).map(killed),
  killedInSync("commit"),
  killedInSync("checkpoint"),
  middle,
  replaced,
  twice,
  lost,
  killedRecorder,
];
