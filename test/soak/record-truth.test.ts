/** A recording of real programs, in many constellations, against what the programs logged of themselves. */
import { join } from "node:path";
import { describe, test } from "vitest";
import { expectTruth } from "../record/expect.ts";
import { randomOf } from "../record/random.ts";
import { SCENARIOS } from "../record/scenarios.ts";
import { SPECIAL } from "../record/special.ts";
import { World } from "../record/world.ts";
import { ROOT } from "../support/root.ts";
import { newDatabase } from "../support/sqlite.ts";

const PYTHON = ["/usr/bin/python3", "-S", join(ROOT, "test/record/programs/script.py")];

describe.each([...SCENARIOS, ...SPECIAL])("$name", ({ modes, two, run }) => {
  test.each(modes)("%s", async (mode) => {
    const main = newDatabase(mode);
    const world = new World({ databases: two === undefined ? { main } : { main, two: newDatabase(mode) } });
    expectTruth("python", await run(world, PYTHON, randomOf(1)));
  });
});
