/** A recording says what the recorded programs logged of themselves; test/soak and test/drivers have many more. */
import { test } from "vitest";
import { expectTruth } from "../record/expect.ts";
import { PYTHON } from "../record/python.ts";
import { randomOf } from "../record/random.ts";
import { checkpoints, type Mode, type Scenario, upgrade, writers } from "../record/scenarios.ts";
import { forkedInTransaction } from "../record/special.ts";
import { World } from "../record/world.ts";
import { newDatabase } from "../support/sqlite.ts";
import { needTracing } from "../support/tracefs.ts";

const QUICK: readonly (Scenario & { readonly mode: Mode })[] = [
  { mode: "wal", ...writers(3, 5, 60) },
  { mode: "delete", ...writers(3, 5, 60) },
  { mode: "delete", ...upgrade },
  { mode: "wal", ...checkpoints },
  { mode: "wal", ...forkedInTransaction },
];

test.for(QUICK)("$mode: $name", async ({ mode, run }, context) => {
  needTracing(context);
  const world = new World({ databases: { main: newDatabase(mode) } });
  expectTruth("python", await run(world, PYTHON, randomOf(1)));
});
