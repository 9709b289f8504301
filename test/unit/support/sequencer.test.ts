import { expect, test } from "vitest";
import { longFirst } from "../../support/sequencer.ts";

const order = (...files: readonly string[]) =>
  longFirst(files, (file) => {
    const [project = "", path = ""] = file.split(" ");
    return { project, path };
  });

test("in the soak, what takes minutes comes first; projects and other files keep their order", () => {
  expect(
    order(
      "drivers test/drivers/a",
      "soak test/security/a",
      "soak test/long/a",
      "soak test/security/b",
      "soak test/soak/a",
      "soak-alone test/alone/a",
    ),
  ).toEqual([
    "drivers test/drivers/a",
    "soak test/long/a",
    "soak test/soak/a",
    "soak test/security/a",
    "soak test/security/b",
    "soak-alone test/alone/a",
  ]);
  expect(order("system test/security/a", "system test/long/a")).toEqual([
    "system test/security/a",
    "system test/long/a",
  ]);
});
