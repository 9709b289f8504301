/** A recording of real programs, in many constellations, against what the programs logged of themselves. */
import { describe, test } from "vitest";
import { expectTruth } from "../record/expect.ts";
import { PYTHON } from "../record/python.ts";
import { randomOf } from "../record/random.ts";
import { SCENARIOS } from "../record/scenarios.ts";
import { SPECIAL } from "../record/special.ts";
import { World } from "../record/world.ts";
import { has, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { needTracing } from "../support/tracefs.ts";

describe.each([...SCENARIOS, ...SPECIAL])("$name", ({ modes, two, needs, run }) => {
  test.for(modes)("%s", async (mode, context) => {
    needTracing(context);
    if (needs?.includes("held sync")) need(context, has("cc"), "a C compiler");
    const main = newDatabase(mode);
    const world = new World({ databases: two === undefined ? { main } : { main, two: newDatabase(mode) } });
    expectTruth("python", await run(world, PYTHON, randomOf(1)));
  });
});
