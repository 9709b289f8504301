/** The sources of frameworks, with their tests, and the packages that these need: fetched once, never written to. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { pythonPath } from "../../support/holder.ts";
import { need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";

const [PACKAGES, SOURCES] = ["requirements.txt", "sources.txt"].map((file) => join(import.meta.dirname, file)) as [
  string,
  string,
];

/** Debian's, which has a sitecustomize of its own, where it is there. */
export function frameworkPython(): string {
  const debian = "/usr/bin/python3";
  return existsSync(debian) ? debian : pythonPath();
}

/** Where they are: a folder for each source, named without its version, and `packages`. */
export async function frameworkSources(context: TestContext): Promise<string> {
  const python = frameworkPython();
  const version = execFileSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  }).trim();
  need(context, Number(version.split(".")[1]) >= 11, "Python 3.11 (the pinned packages)");
  return fetched(context, { name: "frameworks", pins: [PACKAGES, SOURCES], key: [version], make: fill });
}

async function fill(folder: string): Promise<void> {
  const python = frameworkPython();
  const [packages, archives] = [join(folder, "packages"), join(folder, "archives")];
  const hashed = ["--quiet", "--require-hashes", "--no-deps", "--requirement"];
  await run([python, "-m", "pip", "install", ...hashed, PACKAGES, "--only-binary", ":all:", "--target", packages], {
    cwd: folder,
  });
  // pip asks each source for its metadata: what that needs is among the packages, and is not downloaded unpinned.
  await run(
    [python, "-m", "pip", "download", ...hashed, SOURCES, "--no-binary", ":all:", "--no-build-isolation"].concat(
      "--dest",
      archives,
    ),
    { cwd: folder, env: { PYTHONPATH: packages } },
  );
  for (const archive of readdirSync(archives)) {
    const into = join(folder, archive.replace(/-[^-]*$/, ""));
    mkdirSync(into);
    const without = ["--exclude=*/doc", "--exclude=*/docs", "--exclude=*/locale/*/LC_MESSAGES/*.po"];
    await run(["tar", "-xf", join(archives, archive), "-C", into, "--strip-components=1", ...without], {
      cwd: folder,
    });
  }
  rmSync(archives, { recursive: true });
}
