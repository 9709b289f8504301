/** A process of its own that removes a user's folder, as that user. */
import { rmSync } from "node:fs";
import { becomeUser } from "../../user/as-user.ts";
import { parseRemoval } from "./command.ts";

/** A worker that was killed a moment ago may still be making a file in the folder. */
const TRIES = 5;
const PAUSE_MS = 50;

const { folder, user } = parseRemoval(process.argv.slice(2));
becomeUser(user);
remove(1);

function remove(tries: number): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    if (tries < TRIES) setTimeout(remove, PAUSE_MS, tries + 1);
    else process.exitCode = 1;
  }
}
