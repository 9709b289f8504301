/** A recording of real programs, in many constellations, against what the programs logged of themselves. */
import { join } from "node:path";
import { describe, test } from "vitest";
import { expectTruth } from "../record/expect.ts";
import { randomOf } from "../record/random.ts";
import { SCENARIOS } from "../record/scenarios.ts";
import { World } from "../record/world.ts";
import { ROOT } from "../support/root.ts";
import { newDatabase } from "../support/sqlite.ts";

const PYTHON = ["/usr/bin/python3", "-S", join(ROOT, "test/record/programs/script.py")];

describe.each(SCENARIOS)("$name", ({ modes, run }) => {
  test.each(modes)("%s", async (mode) => {
    const world = new World({ databases: { main: newDatabase(mode) } });
    expectTruth("python", await run(world, PYTHON, randomOf(1)));
  });
});
