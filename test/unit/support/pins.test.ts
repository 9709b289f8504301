/** Which registry is asked is the machine's setting: no list of versions names one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../support/root.ts";

test.each(["package-lock.json", "test/drivers/npm/packages/package-lock.json"])("%s", (path) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const fetched = Object.entries(packages).filter(([name]) => name !== "");
  expect(fetched.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(fetched.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

test("test/drivers/python/requirements.txt", () => {
  const text = readFileSync(join(ROOT, "test/drivers/python/requirements.txt"), "utf8");
  const pins = text.replaceAll("\\\n", "").trim().split("\n");
  for (const pin of pins) expect(pin).toMatch(/^[a-z0-9-]+==[\d.]+( +--hash=sha256:[0-9a-f]{64})+ *$/);
});
