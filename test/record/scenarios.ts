/** Constellations of programs that compete for locks: for every program that knows the commands of a script. */
import { existsSync } from "node:fs";
import { until } from "../support/until.ts";
import type { Actor } from "./actor.ts";
import { close, drop, fetchOne, open, sleep, sql } from "./script.ts";
import type { Argv, Result, World } from "./world.ts";

export type Mode = "wal" | "delete";

/** `held sync`: it is linked with libc, so that its fsync can be made to last. */
export type Skill = "threads" | "one connection in two threads" | "fork" | "held sync";

export interface Scenario {
  readonly name: string;
  readonly modes: readonly Mode[];
  /** There is a second database. */
  readonly two?: true;
  /** What not every program of test/record/programs/ can do. */
  readonly needs?: readonly Skill[];
  readonly run: (world: World, argv: Argv, random: () => number) => Promise<Result>;
}

const BOTH: readonly Mode[] = ["wal", "delete"];
const WAL: readonly Mode[] = ["wal"];

const COUNT = "select count(*) from t";

/** Each has the database open as `a`, and reads it once. */
export async function openers(world: World, argv: Argv, count: number, timeoutMs: number): Promise<Actor[]> {
  const actors = Array.from({ length: count }, () => world.actor(argv));
  for (const actor of actors) await actor.does(open("a", world.databases.main, timeoutMs), sql("a", COUNT));
  return actors;
}

export async function recorded(world: World, argv: Argv, count: number, timeoutMs: number): Promise<Actor[]> {
  const actors = await openers(world, argv, count, timeoutMs);
  await world.records(actors.map((actor) => [actor, "a"]));
  return actors;
}

export function writers(count: number, rounds: number, timeoutMs: number): Scenario {
  return {
    name: `${count} writers, timeout ${timeoutMs} ms`,
    modes: BOTH,
    run: async (world, argv, random) => {
      const actors = await recorded(world, argv, count, timeoutMs);
      for (const actor of actors) {
        for (let i = 0; i < rounds; i += 1) {
          const hold = sleep(Math.round(random() * 12));
          if (random() < 0.3) actor.tell(sql("a", `insert into t values (${i})`));
          else
            actor.tell(sql("a", "begin immediate"), sql("a", `insert into t values (${i})`), hold, sql("a", "commit"));
          actor.tell(sleep(Math.round(random() * 10)));
        }
        actor.tell(sql("a", "rollback")); // rollback mode: the last COMMIT may have been refused
      }
      return world.ends();
    },
  };
}

/** A statement after a BEGIN that was refused is a transaction of its own; COMMIT is an error then. */
const mixed: Scenario = {
  name: "4 writers and 3 readers",
  modes: BOTH,
  run: async (world, argv, random) => {
    const actors = await recorded(world, argv, 7, 400);
    actors.forEach((actor, number) => {
      for (let i = 0; i < 15; i += 1) {
        const pause = () => sleep(Math.round(random() * 15));
        if (number < 3)
          actor.tell(sql("a", "begin"), sql("a", COUNT), pause(), sql("a", COUNT), sql("a", "commit"), pause());
        else if (random() < 0.5) {
          actor.tell(sql("a", "begin"), sql("a", `insert into t values (${i})`), pause(), sql("a", "commit"));
          actor.tell(sql("a", "rollback"), pause());
        } else actor.tell(sql("a", `insert into t values (${i})`), sql("a", COUNT), pause());
      }
    });
    return world.ends();
  },
};

export const upgrade: Scenario = {
  name: "two that read and then write",
  modes: BOTH,
  run: async (world, argv) => {
    const [one, two] = await recorded(world, argv, 2, 300);
    for (let i = 0; i < 3; i += 1) {
      await Promise.all([one?.does(sql("a", "begin"), sql("a", COUNT)), two?.does(sql("a", "begin"), sql("a", COUNT))]);
      await one?.does(sql("a", `insert into t values (${i})`));
      await two?.does(sql("a", `insert into t values (${i + 10})`)); // refused at once: the other one waits for it
      await one?.does(sql("a", "commit")); // rollback mode: refused after its timeout
      await two?.does(sql("a", "rollback"));
      await one?.does(sql("a", "commit"), sql("a", "rollback"));
    }
    return world.ends();
  },
};

const snapshot: Scenario = {
  name: "a snapshot that is too old",
  modes: WAL,
  run: async (world, argv) => {
    const [one, two] = await recorded(world, argv, 2, 200);
    for (let i = 0; i < 4; i += 1) {
      await one?.does(sql("a", "begin"), sql("a", COUNT));
      await two?.does(sql("a", `insert into t values (${i})`));
      await one?.does(sql("a", "insert into t values (0)"), sql("a", "rollback"));
    }
    return world.ends();
  },
};

export const checkpoints: Scenario = {
  name: "checkpoints, some of them kept busy",
  modes: WAL,
  run: async (world, argv) => {
    const [reader, writer, third] = await recorded(world, argv, 3, 150);
    for (const kind of ["passive", "full", "restart", "truncate"]) {
      const checkpoint = sql("a", `pragma wal_checkpoint(${kind})`);
      await writer?.does(sql("a", "insert into t values (1)"));
      await third?.does(checkpoint);
      await reader?.does(sql("a", "begin"), sql("a", COUNT));
      await writer?.does(sql("a", "insert into t values (2)"));
      await third?.does(checkpoint);
      await writer?.does(sql("a", "begin immediate"), sql("a", "insert into t values (3)"));
      await third?.does(checkpoint);
      await writer?.does(sql("a", "commit"));
      await reader?.does(sql("a", "commit"));
      await third?.does(checkpoint);
    }
    await writer?.does(sql("a", "pragma wal_autocheckpoint=5"), sql("a", "begin"));
    await writer?.does(sql("a", "commit"));
    for (let i = 0; i < 20; i += 1) {
      writer?.tell(sql("a", `insert into t values (${i})`));
      third?.tell(sql("a", `insert into t values (${i})`));
      reader?.tell(sql("a", COUNT));
    }
    return world.ends();
  },
};

const remade: Scenario = {
  name: "-shm made anew by each",
  modes: WAL,
  run: async (world, argv) => {
    const actors = await recorded(world, argv, 2, 1000);
    for (const actor of actors) {
      actor.tell(close("a"));
      for (let i = 0; i < 50; i += 1) {
        actor.tell(open("a", world.databases.main, 1000), sql("a", "begin immediate"));
        actor.tell(sql("a", `insert into t values (${i})`), sql("a", "commit"), close("a"));
      }
    }
    return world.ends();
  },
};

/** One opens, the other one waits for it, and both close: each round has a -shm of its own. */
const remadeInStep: Scenario = {
  name: "-shm made anew 100 times",
  modes: WAL,
  run: async (world, argv) => {
    const [one, two] = await recorded(world, argv, 2, 2000);
    const { main } = world.databases;
    await one?.does(close("a"));
    await two?.does(close("a"));
    let kept = 0;
    for (let i = 0; i < 100; i += 1) {
      const insert = sql("a", `insert into t values (${i})`);
      await one?.does(open("a", main, 2000), sql("a", "begin immediate"), insert);
      two?.tell(open("a", main, 2000), insert);
      await until("the other one waits", () => two?.log.includes(`values (${i})`) === true);
      await one?.does(sleep(2), sql("a", "commit"));
      await two?.does();
      await one?.does(close("a"));
      await two?.does(close("a"));
      if (existsSync(`${main}-shm`)) kept += 1;
    }
    const result = await world.ends();
    return kept === 0 ? result : { ...result, mismatches: [...result.mismatches, `-shm was kept ${kept} times`] };
  },
};

const openSelect: Scenario = {
  name: "a reader in the middle of a select",
  modes: BOTH,
  run: async (world, argv) => {
    const [reader, writer] = await recorded(world, argv, 2, 200);
    for (let i = 0; i < 3; i += 1) {
      await reader?.does(fetchOne("a", "select a from t"));
      await writer?.does(sql("a", "begin immediate"), sql("a", `insert into t values (${i})`));
      await writer?.does(sql("a", "commit")); // rollback mode: refused
      await reader?.does(drop("a"));
      await writer?.does(sql("a", "commit"), sql("a", "rollback"));
    }
    return world.ends();
  },
};

const exclusive: Scenario = {
  name: "BEGIN EXCLUSIVE",
  modes: BOTH,
  run: async (world, argv) => {
    const [one, two, reader] = await recorded(world, argv, 3, 250);
    for (let i = 0; i < 3; i += 1) {
      await one?.does(sql("a", "begin exclusive"));
      two?.tell(
        sql("a", "begin exclusive"),
        sql("a", "insert into t values (1)"),
        sql("a", "commit"),
        sql("a", "rollback"),
      );
      reader?.tell(sql("a", COUNT));
      await one?.does(sleep(i * 200), sql("a", "insert into t values (2)"), sql("a", i === 1 ? "rollback" : "commit"));
      await two?.does();
      await reader?.does();
    }
    return world.ends();
  },
};

export const SCENARIOS: readonly Scenario[] = [
  writers(1, 30, 1000),
  writers(2, 30, 5000),
  writers(4, 20, 5000),
  writers(4, 20, 0),
  writers(8, 12, 200),
  writers(16, 8, 100),
  mixed,
  upgrade,
  snapshot,
  checkpoints,
  remade,
  remadeInStep,
  openSelect,
  exclusive,
];
