/** The checkout: the folder above this file that has package.json, whether it runs from here or bundled from build/. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export const ROOT = above(import.meta.dirname);

function above(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : above(dirname(folder));
}
