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
  const text = read("test/drivers/python/requirements.txt");
  const pins = text.replaceAll("\\\n", "").trim().split("\n");
  for (const pin of pins) expect(pin).toMatch(/^[a-z0-9-]+==[\d.]+( +--hash=sha256:[0-9a-f]{64})+ *$/);
});

test.each(["test/drivers/rust", "test/drivers/rust/script"])(
  "%s: each package but ours has its digest, and no address",
  (folder) => {
    const [, ...packages] = read(`${folder}/crates.lock`).split("[[package]]\n");
    const others = packages.filter((text) => !/^name = "sqlock-test-/.test(text));
    expect(others.length).toBe(packages.length - 1);
    for (const text of others) expect(text).toMatch(/^version = "[^"]+"\nchecksum = "[0-9a-f]{64}"$/m);
    expect(read(`${folder}/Cargo.toml`)).not.toMatch(/\b(git|path|registry)\s*=/);
  },
);

test("test/drivers/go: each module that is required has its digest in go.sum", () => {
  const sums = read("test/drivers/go/go.sum").split("\n");
  const required = [...read("test/drivers/go/go.mod").matchAll(/^\t(\S+ v\S+)/gm)].map(([, module]) => module);
  expect(required.length).toBeGreaterThan(3);
  for (const module of required) expect(sums.filter((sum) => sum.startsWith(`${module} h1:`))).toHaveLength(1);
});

test("test/drivers/java: the jar of the pom has its digest", () => {
  const [, name, version] =
    /<artifactId>(sqlite-jdbc)<.artifactId>\s*<version>([\d.]+)</.exec(read("test/drivers/java/pom.xml")) ?? [];
  expect(read("test/drivers/java/sha256sums")).toMatch(new RegExp(`^[0-9a-f]{64}  ${name}-${version}\\.jar\n$`));
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
