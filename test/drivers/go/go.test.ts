/** Drivers of Go. The first test builds all of them: a minute of two cores, where nothing is built yet. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { type Command, testDrivers } from "../matrix.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const PROGRAMS = ["mattn", "modernc", "ncruces", "zombiezen"] as const;

testDrivers([
  { name: "github.com/mattn/go-sqlite3", command: (context) => program(context, "mattn") },
  { name: "modernc.org/sqlite", command: (context) => program(context, "modernc") },
  {
    name: "modernc.org/sqlite with OFD locks",
    command: async (context) => ({ ...(await program(context, "modernc")), env: { MODERNC_SQLITE_OFD_LOCK: "1" } }),
    api: "ofd",
    shmApi: "posix",
  },
  { name: "github.com/ncruces/go-sqlite3", command: (context) => program(context, "ncruces"), api: "ofd" },
  { name: "zombiezen.com/go/sqlite", command: (context) => program(context, "zombiezen") },
]);

async function program(context: TestContext, name: (typeof PROGRAMS)[number]): Promise<Command> {
  const version = await versionOf(context, { name: "Go", command: ["go", "version"], atLeast: [1, 26] });
  need(context, has("cc"), "cc (for cgo)");
  const folder = await fetched(context, {
    name: "go",
    pins: [...filesOf(HERE, /^go\.(mod|sum)$/), ...filesOf(HERE, /\.go$/)],
    key: [version],
    make: build,
  });
  return { argv: [join(folder, name)] };
}

/** Go keeps what it has compiled in a cache of its own: a changed program is there in seconds. */
async function build(folder: string): Promise<void> {
  const packages = PROGRAMS.map((name) => `./${name}`);
  await run(
    ["nice", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", `${folder}/`, ...packages],
    {
      cwd: HERE,
      // The C compiler takes half the time without its optimizations.
      env: { CGO_ENABLED: "1", CGO_CFLAGS: "-O0 -g0", GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off" },
    },
  );
}

function filesOf(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .sort()
    .map((file) => join(folder, file));
}
