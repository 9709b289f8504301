/** Why a path is no database that could be checked. Pure. */
import { UserError } from "../../errors.ts";
import type { PathError } from "../../model/report.ts";
import { uncheckedEntry } from "./assemble.ts";
import type { DatabaseCheck, ReasonCode } from "./report.ts";

const CODES: Record<string, ReasonCode | undefined> = {
  "no-such-file": "no-such-file",
  "not-a-file": "not-a-file",
  "in-memory": "not-a-file",
  "no-databases-in-folder": "not-a-file",
  "not-a-database": "not-a-database",
  "permission-denied": "no-permission",
};

export function entryOfPathError({ givenAs, error }: PathError): DatabaseCheck {
  const { code, message, hint } = error;
  if (code === "no-databases-in-folder") return entryOfFolder(givenAs);
  return uncheckedEntry(givenAs, givenAs, CODES[code] ?? "failed", message, hint);
}

export function entryOfFolder(givenAs: string): DatabaseCheck {
  return uncheckedEntry(
    givenAs,
    givenAs,
    "not-a-file",
    `${givenAs} is a folder, not a database file`,
    `to check all databases below it: sqlock integrity -r ${givenAs}`,
  );
}

export function entryOfDenied(path: string): DatabaseCheck {
  return uncheckedEntry(
    path,
    path,
    "no-permission",
    `no permission to look at ${path}`,
    "run with sudo, or as the user that owns it",
  );
}

export function entryOfUnnamable(path: string): DatabaseCheck {
  return uncheckedEntry(
    path,
    path,
    "failed",
    `a name that is not UTF-8 cannot be looked at: ${path}`,
    "give it a link whose name is: ln -s",
  );
}

/** By an error that nobody foresaw, which must not cost the others their answer. */
export function entryOfError(path: string, error: unknown): DatabaseCheck {
  if (error instanceof UserError) return uncheckedEntry(path, path, "failed", error.message, error.hint);
  const { message } = error instanceof Error ? error : new Error(String(error));
  const first = message.split("\n").find((line) => /\S/.test(line) && !/^(node:|\s)/.test(line)) ?? message;
  return uncheckedEntry(path, path, "failed", `sqlock failed: ${first}`, "try again; if it happens again, report it");
}
