/** What `report --advice` prints for Django and SQLAlchemy has the effect that it says. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { ADVISED_EFFECTS, advisedCode } from "../../support/advised.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { withPackages } from "./packages.ts";

test.for(["django", "sqlalchemy"])("%s", async (framework, context) => {
  const { argv, env } = await withPackages(context, `settings_${framework}.py`);
  const [python = "", ...args] = argv;
  const path = await newDatabase("delete");
  const { stdout } = await execa(python, [...args, path, JSON.stringify(advisedCode(framework))], { env: env ?? {} });
  expect(JSON.parse(stdout)).toEqual(ADVISED_EFFECTS);
});
