/** What chattr(1) has set on files. */
import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import type { User } from "../../../user/user.ts";
import type { Attribute } from "./facts.ts";

const LSATTR_LIMIT_MS = 2000;

/**
 * By lsattr(1), which opens the files. Root runs it only where all of them are its own: who owns a folder could put
 * something else there. Empty where that is not known; what is immutable shows by EPERM all the same.
 */
export function attributesOf(paths: readonly string[], other: User | null): Map<string, Attribute> {
  const caller = process.geteuid?.() ?? 0;
  if (other !== null || (caller === 0 && !paths.every(isRoots))) return new Map();
  try {
    const text = execFileSync("lsattr", ["-d", "--", ...paths], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      cwd: "/",
      timeout: LSATTR_LIMIT_MS,
    });
    return parseAttributes(text, paths);
  } catch (error) {
    // it fails where it could not read one of them, and has printed the others
    return parseAttributes(String((error as { stdout?: unknown }).stdout ?? ""), paths);
  }
}

function isRoots(path: string): boolean {
  try {
    return lstatSync(path).uid === 0;
  } catch {
    return false;
  }
}

/** Pure. `text`: lines of lsattr(1), `----i---------e------- /srv/app.db`. */
export function parseAttributes(text: string, paths: readonly string[]): Map<string, Attribute> {
  const lines = text.split("\n");
  return new Map(
    paths.flatMap((path): [string, Attribute][] => {
      const flags = lines.find((line) => line.endsWith(` ${path}`) && !line.slice(0, -path.length - 1).includes(" "));
      const attribute = flags === undefined ? null : attributeIn(flags.slice(0, -path.length));
      return attribute === null ? [] : [[path, attribute]];
    }),
  );
}

function attributeIn(flags: string): Attribute | null {
  return flags.includes("i") ? "immutable" : flags.includes("a") ? "append-only" : null;
}
