/** A recording of real programs, in many constellations, against what the programs logged of themselves. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { close, open, sleep, sql } from "../record/script.ts";
import { World } from "../record/world.ts";
import { ROOT } from "../support/root.ts";
import { newDatabase } from "../support/sqlite.ts";

const PYTHON = ["/usr/bin/python3", "-S", join(ROOT, "test/record/programs/script.py")];

test("first", async () => {
  const main = newDatabase("wal");
  const world = new World({ databases: { main } });
  const actors = [1, 2, 3].map(() => world.actor(PYTHON));
  for (const actor of actors) await actor.does(open("a", main, 5000), sql("a", "select count(*) from t"));
  await world.records(actors.map((actor) => [actor, "a"]));
  for (const actor of actors) {
    for (let i = 0; i < 20; i += 1) {
      actor.tell(
        sql("a", "begin immediate"),
        sql("a", `insert into t values(${i})`),
        sleep(5),
        sql("a", "commit"),
        sleep(3),
      );
    }
    actor.tell(close("a"));
  }
  const { lines: _, calls: __, ...truth } = await world.ends();
  console.log(JSON.stringify(truth, null, 1).slice(0, 6000));
  expect(truth.mismatches).toEqual([]);
});
