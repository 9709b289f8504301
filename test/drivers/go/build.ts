/** The programs in Go, all of them built by the first test that needs one. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import type { Command } from "../matrix.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const PROGRAMS = [
  ...(["mattn", "modernc", "ncruces", "zombiezen", "script-mattn", "script-modernc", "settings-mattn"] as const),
] as const;
/** The same with a tag of the build. */
export const WITH_TAG = { name: "ncruces-dotlk", program: "ncruces", tag: "sqlite3_dotlk" } as const;

export async function program(
  context: TestContext,
  name: (typeof PROGRAMS)[number] | typeof WITH_TAG.name,
): Promise<Command> {
  const version = await versionOf(context, { name: "Go", command: ["go", "version"], atLeast: [1, 26] });
  need(context, has("cc"), "cc (for cgo)");
  const folder = await fetched(context, {
    name: "go",
    pins: [...filesOf(HERE, /^go\.(mod|sum)$/), ...filesOf(HERE, /\.go$/)],
    key: [version, JSON.stringify(WITH_TAG)],
    make: build,
  });
  return { argv: [join(folder, name)] };
}

/** Go keeps what it has compiled in a cache of its own: a changed program is there in seconds. */
async function build(folder: string): Promise<void> {
  await compile("-o", `${folder}/`, ...PROGRAMS.map((name) => `./${name}`));
  await compile(`-tags=${WITH_TAG.tag}`, "-o", join(folder, WITH_TAG.name), `./${WITH_TAG.program}`);
}

async function compile(...args: readonly string[]): Promise<void> {
  await run(["nice", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", ...args], {
    cwd: HERE,
    // The C compiler takes half the time without its optimizations.
    env: { CGO_ENABLED: "1", CGO_CFLAGS: "-O0 -g0", GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off" },
  });
}

function filesOf(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .sort()
    .map((file) => join(folder, file));
}
