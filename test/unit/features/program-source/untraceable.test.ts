import { expect, test } from "vitest";
import { whyNotTraced } from "../../../../src/features/program-source/untraceable.ts";

const DYNAMIC = elf([6, 3, 1]);
const STATIC = elf([1, 1]);

/** With program headers of these types. */
function elf(types: readonly number[]): Buffer {
  const file = Buffer.alloc(64 + 56 * types.length);
  file.write("\x7fELF\x02\x01", "latin1");
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(types.length, 56);
  for (const [i, type] of types.entries()) file.writeUInt32LE(type, 64 + 56 * i);
  return file;
}

const FILES: Readonly<Record<string, Buffer>> = {
  gunicorn: Buffer.from("#!/srv/venv/bin/python3\nimport sys\n"),
  isolated: Buffer.from("#!/usr/bin/python3 -I\n"),
  "by-env": Buffer.from("#!/usr/bin/env -S python3 -E\n"),
  shell: Buffer.from("#!/bin/sh\nexec python3 -I x.py\n"),
  sh: DYNAMIC,
  "/bin/sh": DYNAMIC,
  app: STATIC,
  node: DYNAMIC,
  "cut-short": STATIC.subarray(0, 70),
};

const start = (program: string) => FILES[program] ?? null;

test.each([
  ["python3 -I app.py", "-I"],
  ["/usr/bin/python3.11 -S app.py", "-S"],
  ["python -uE -m app", "-E"],
  ["python3 -W error -BI app.py", "-I"],
  ["python3 -X dev -S -c pass", "-S"],
  ["isolated serve", "-I"],
  ["by-env serve", "-E"],
  ["env A=1 python3 -I app.py", "-I"],
  ["env -u A -- python3 -E app.py", "-E"],
])("%s ignores the tracer", (command, option) => {
  expect(whyNotTraced(command.split(" "), start)).toMatchObject({ why: "python-option", option });
});

test.each([
  ["env -i python3 app.py", { why: "environment", program: "env -i" }],
  ["env - A=1 python3 app.py", { why: "environment", program: "env -i" }],
  ["sudo -u www python3 app.py", { why: "environment", program: "sudo" }],
  ["node --permission app.js", { why: "node-permission", program: "node" }],
  ["/opt/node22 --experimental-permission --allow-fs-read=* app.js", { why: "node-permission", program: "node22" }],
  ["app --listen", { why: "static", program: "app" }],
])("%s: no tracer gets in", (command, why) => {
  expect(whyNotTraced(command.split(" "), start)).toEqual(why);
});

test.each([
  "python3 manage.py runserver -I",
  "python3 -m app -S",
  "python3 -c pass -E",
  "python3 -Wignore -u app.py -I",
  "python3",
  "env A=1 B=2 python3 app.py",
  "env",
  "gunicorn app:app -E",
  "node app.js",
  "node app.js --permission",
  "node --max-old-space-size=99 app.js",
  "shell",
  "missing --all",
  "cut-short",
])("%s may have one", (command) => {
  expect(whyNotTraced(command.split(" "), start)).toBeNull();
});
