import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the project, from a test as from the bundles in build/. */
export const ROOT = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : rootAbove(dirname(folder));
}
