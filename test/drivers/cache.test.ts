/** Fetching: once for all who ask at the same time, once more where it fails, and what follows where it fails again. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, type TestContext, test, vi } from "vitest";
import { tempFolder } from "../support/temp.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** As another process has it: with no memory of what was fetched. */
async function another(variables: Readonly<Record<string, string>>): Promise<typeof import("./cache.ts")> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.resetModules();
  return import("./cache.ts");
}

function pinsIn(folder: string, text: string): string[] {
  writeFileSync(join(folder, "pins"), text);
  return [join(folder, "pins")];
}

test("two processes at the same time fetch once; other pins, another folder", async (context) => {
  const folder = tempFolder();
  const cache = join(folder, "cache");
  let calls = 0;
  let working = 0;
  const make = async (into: string) => {
    calls += 1;
    working += 1;
    expect(working).toBe(1);
    await sleep(200);
    working -= 1;
    writeFileSync(join(into, "made"), "");
  };
  const fetchAs = async (pins: readonly string[]) => {
    const { fetched } = await another({ SQLOCK_TEST_CACHE: cache });
    return () => fetched(context, { name: "x", pins, make });
  };
  const one = pinsIn(folder, "1");
  const both = [await fetchAs(one), await fetchAs(one)];
  const [first, second] = await Promise.all(both.map((fetch) => fetch()));
  expect(first).toBe(second);
  expect(existsSync(join(first ?? "", "made"))).toBe(true);
  expect(calls).toBe(1);
  const third = await (await fetchAs(pinsIn(folder, "2")))();
  expect(third).not.toBe(first);
  expect(calls).toBe(2);
});

test("what failed once is tried again, in an empty folder", async (context) => {
  const folder = tempFolder();
  const { fetched } = await another({ SQLOCK_TEST_CACHE: folder });
  const found: string[][] = [];
  const made = await fetched(context, {
    name: "x",
    pins: pinsIn(folder, "1"),
    make: async (into) => {
      found.push(readdirSync(into));
      writeFileSync(join(into, "part"), "");
      if (found.length === 1) throw new Error("no network");
    },
    retryAfterMs: 10,
  });
  expect(found).toEqual([[], []]);
  expect(existsSync(join(made, "part"))).toBe(true);
});

test.each([
  ["0", "skipped: x cannot be fetched: no network 2"],
  ["1", "x cannot be fetched: no network 2"],
])("what failed twice; SQLOCK_TEST_REQUIRE=%s", async (required, said) => {
  const folder = tempFolder();
  const { fetched } = await another({ SQLOCK_TEST_CACHE: folder, SQLOCK_TEST_REQUIRE: required });
  let calls = 0;
  const make = async () => {
    calls += 1;
    throw new Error(`no network ${calls}`);
  };
  const skip = (why: string) => {
    throw new Error(`skipped: ${why}`);
  };
  const wanted = { name: "x", pins: pinsIn(folder, "1"), make, retryAfterMs: 10 };
  await expect(fetched({ skip } as unknown as TestContext, wanted)).rejects.toThrow(new Error(said));
});

test("a command that fails says which, and what it said", async () => {
  const { run } = await another({});
  const command = ["sh", "-c", "echo 'note: begins' >&2; echo 'error: no such host' >&2; exit 3"];
  await expect(run(command, { cwd: tempFolder() })).rejects.toThrow(/exit code 3: sh .*: error: no such host$/);
});
