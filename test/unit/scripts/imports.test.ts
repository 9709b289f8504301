import { expect, test } from "vitest";
import { type Import, impuritiesOf, violationsOf } from "../../../scripts/imports/check.ts";
import { importsOf } from "../../../scripts/imports/read.ts";

test("imports of every kind are found", () => {
  const text = [
    'import type { A } from "../model/a.ts";',
    'import { type B } from "./b.ts";',
    'import { type C, d } from "node:fs";',
    'import e from "chalk";',
    'export * from "./f.ts";',
    'export type { G } from "./g.ts";',
    'const h = () => import("./h.ts");',
    'type I = import("./i.ts").I;',
  ].join("\n");
  expect(importsOf("text/x.ts", text)).toEqual([
    { from: "text/x.ts", to: "model/a.ts", typeOnly: true, names: ["A"] },
    { from: "text/x.ts", to: "text/b.ts", typeOnly: true, names: ["B"] },
    { from: "text/x.ts", to: "node:fs", typeOnly: false, names: ["C", "d"] },
    { from: "text/x.ts", to: "package:chalk", typeOnly: false, names: ["*"] },
    { from: "text/x.ts", to: "text/f.ts", typeOnly: false, names: [] },
    { from: "text/x.ts", to: "text/g.ts", typeOnly: true, names: ["*"] },
    { from: "text/x.ts", to: "text/h.ts", typeOnly: false, names: [] },
    { from: "text/x.ts", to: "text/i.ts", typeOnly: true, names: [] },
  ]);
});

const value = (from: string, to: string, names: readonly string[] = []): Import => ({
  from,
  to,
  names,
  typeOnly: false,
});

test.each([
  [value("sqlite/wal.ts", "sqlite/header.ts"), true],
  [value("sqlite/wal.ts", "node:fs"), false],
  [value("sqlite/wal.ts", "text/size.ts"), false],
  [value("proc/locks.ts", "sqlite/roles.ts"), false],
  [{ ...value("proc/locks.ts", "sqlite/roles.ts"), typeOnly: true }, true],
  [value("findings/disk-full.ts", "observe/facts.ts"), false],
  [value("render/style.ts", "features/kill/candidates.ts"), true],
  [value("features/kill/kill.ts", "render/style.ts"), false],
  [value("features/kill/kill.ts", "commands/kill.ts"), false],
  [value("terminal.ts", "cli/cli.ts"), false],
  [value("main.ts", "terminal.ts", ["writeOut"]), true],
  [value("cli/help.ts", "terminal.ts", ["writeOut"]), false],
  [value("cli/help.ts", "terminal.ts", ["writeErr"]), true],
  [value("nowhere.ts", "errors.ts"), false],
])("%o: %s", (each, allowed) => {
  expect(violationsOf([each])).toHaveLength(allowed ? 0 : 1);
});

test("I/O behind a file that must be pure is found, with the path to it", () => {
  const imports = [
    value("render/a.ts", "features/b.ts"),
    value("features/b.ts", "features/c.ts"),
    value("features/c.ts", "node:fs"),
    { ...value("render/d.ts", "features/c.ts"), typeOnly: true },
  ];
  expect(impuritiesOf(imports)).toEqual([
    "src/render/a.ts must be pure, but loads features/b.ts > features/c.ts > node:fs",
  ]);
});
