/** Python programs with the packages of requirements.txt. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { pythonPath } from "../../support/holder.ts";
import { need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import type { Command } from "../matrix.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

export function program(file: string): Command {
  return { argv: [pythonPath(), join(import.meta.dirname, file)] };
}

export async function withPackages(context: TestContext, file: string): Promise<Command> {
  const python = pythonPath();
  const version = execFileSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  }).trim();
  need(context, Number(version.split(".")[1]) >= 10, "Python 3.10 (Django 5)");
  const packages = await fetched(context, {
    name: "python",
    pins: [REQUIREMENTS],
    key: [version],
    make: (folder) =>
      run(
        [python, "-m", "pip", "install", "--quiet", "--target", folder].concat(
          "--require-hashes",
          "--no-deps",
          "--only-binary",
          ":all:",
          "--requirement",
          REQUIREMENTS,
        ),
        { cwd: folder },
      ),
  });
  return { ...program(file), env: { PYTHONPATH: packages } };
}
