import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEBIAN_DRIVERS, PACKAGES, PYTHON_PACKAGES } from "../../support/programs.ts";

test("CI installs the package of every program that a test needs, and allows no skip for want of one", () => {
  const script = readFileSync(new URL("../../../.ci/run", import.meta.url), "utf8");
  const installed = /^PACKAGES="([^"]+)"/m.exec(script)?.[1]?.split(/\s+/) ?? [];
  const ofDrivers = Object.values(DEBIAN_DRIVERS).flatMap(({ debian }) => debian.split(" "));
  for (const name of [...Object.values(PACKAGES), ...Object.values(PYTHON_PACKAGES), ...ofDrivers])
    expect(installed).toContain(name);
  expect(script).toContain("export SQLOCK_TEST_REQUIRE=1");
});
