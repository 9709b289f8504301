/** The manual page: every option, and nothing that troff rejects. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsOf } from "../../../src/cli/completion/words.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { has, need } from "../../support/skip.ts";

const PAGE = fileURLToPath(new URL("../../../man/sqlock.1", import.meta.url));

test("each command with each of its options", () => {
  const page = readFileSync(PAGE, "utf8");
  for (const each of COMMANDS) {
    const [, section = ""] = page.split(`.SS ${each.name.replaceAll("-", "\\-")}\n`);
    const own = section.split(/^\.S[SH] /m)[0] ?? "";
    for (const { long } of optionsOf(each).filter((option) => option.long !== "help")) {
      expect(own, each.name).toContain(`\\-\\-${long.replaceAll("-", "\\-")}`);
    }
  }
});

test("mandoc warns about nothing except the date, which a release sets", (context) => {
  need(context, has("mandoc"), "mandoc");
  const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", PAGE], { encoding: "utf8" });
  expect(stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"))).toEqual([]);
  const text = execFileSync("mandoc", ["-T", "utf8", PAGE], { encoding: "utf8" }).replace(/.\x08/g, "");
  expect(text).toContain("sqlock who-holds --json /srv/app | jq '.databases[].holders[].pid'");
});

test("groff warns about nothing", (context) => {
  need(context, has("groff"), "groff");
  const { stderr } = spawnSync("groff", ["-man", "-ww", "-T", "utf8", PAGE], { encoding: "utf8" });
  expect(stderr).toBe("");
});
