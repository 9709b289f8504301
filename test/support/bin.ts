/**
 * What the tests start: the checkout's program with this Node.js, or what `npm run test:node` has installed with
 * another one.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const BIN = process.env["SQLOCK_TEST_BIN"] ?? fileURLToPath(new URL("../../bin/sqlock.js", import.meta.url));
export const NODE = process.env["SQLOCK_TEST_NODE"] ?? process.execPath;
export const NODE_MAJOR = Number.parseInt(
  execFileSync(NODE, ["-p", "process.versions.node"], { encoding: "utf8" }),
  10,
);
