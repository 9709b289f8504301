/** What `sqlock --version` prints. */
import { VERSION } from "../version.ts";
import { REINSTALL } from "../worker/not-loaded.ts";

/** The versions that determine its behaviour, one per line. SQLite is loaded only for this. */
export async function versions(): Promise<string> {
  return `sqlock ${VERSION}\nNode.js ${process.versions.node}\n${await sqlite()}\n`;
}

async function sqlite(): Promise<string> {
  try {
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(":memory:");
    const version = String(db.prepare("SELECT sqlite_version()").pluck().get());
    db.close();
    return `SQLite ${version}`;
  } catch (error) {
    return `SQLite: better-sqlite3 cannot be loaded (${(error as Error).message.split("\n")[0]}); ${REINSTALL}`;
  }
}
