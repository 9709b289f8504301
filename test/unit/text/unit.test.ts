/** How a unit is restarted. */
import { expect, test } from "vitest";
import { restartCommand } from "../../../src/text/unit.ts";

test("a name that begins with a dash is no option of systemctl", () => {
  const unit = { unit: "--host=evil.service", unitManager: "user", unitUid: 1001 } as const;
  expect(restartCommand(unit, { uid: 0 })).toBe(
    "systemctl --user --machine=1001@.host restart -- '--host=evil.service'",
  );
});
