import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tracedEnvironment } from "../../../../src/features/program-source/environment.ts";
import { tempFolder } from "../../../support/temp.ts";

const PLACES = { folder: "/run/t", python: "/opt/sqlock/python", node: "/opt/sqlock/node.cjs" };

test("what the command had stays, after ours", () => {
  expect(tracedEnvironment({ A: "1" }, PLACES)).toEqual({
    ...{ A: "1", SQLOCK_TRACE: "/run/t", PYTHONPATH: "/opt/sqlock/python" },
    NODE_OPTIONS: "--require /opt/sqlock/node.cjs",
  });
  expect(tracedEnvironment({ PYTHONPATH: "/a:/b", NODE_OPTIONS: "--max-old-space-size=99" }, PLACES)).toMatchObject({
    PYTHONPATH: "/opt/sqlock/python:/a:/b",
    NODE_OPTIONS: "--require /opt/sqlock/node.cjs --max-old-space-size=99",
  });
});

test("with its permission model Node.js would not start: it gets no tracer", () => {
  expect(tracedEnvironment({}, PLACES, true)).not.toHaveProperty("NODE_OPTIONS");
  expect(tracedEnvironment({ NODE_OPTIONS: "--permission" }, PLACES)).toMatchObject({ NODE_OPTIONS: "--permission" });
});

test("Node.js reads a path with spaces, quotes and backslashes", () => {
  const folder = join(tempFolder(), `a b"c\\d`);
  mkdirSync(folder);
  const node = join(folder, "hook.cjs");
  writeFileSync(node, "globalThis.hooked = true;\n");
  const env = tracedEnvironment({ PATH: process.env["PATH"] }, { ...PLACES, node });
  expect(execFileSync(process.execPath, ["-p", "hooked"], { env, encoding: "utf8" })).toBe("true\n");
});
