/**
 * Flask and SQLAlchemy: a connection of another thread, a closed connection, a pool that leaks. None of it is a lock.
 */
import { expect, test } from "vitest";
import { explain } from "../../support/explain.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";
import { type Site, serve } from "./flask/site.ts";

const MISTAKES = [
  {
    path: "/other-thread",
    good: 0,
    says: /^sqlite3\.ProgrammingError: SQLite objects created in a thread can only be used in that same thread\./m,
    entry: "wrong-thread",
    library: "python-sqlite3",
  },
  {
    path: "/closed",
    good: 1,
    says: /^sqlite3\.ProgrammingError: Cannot operate on a closed database\.$/m,
    entry: "closed-database",
    library: "python-sqlite3",
  },
  {
    path: "/closed-sqlalchemy",
    good: 1,
    says: /^sqlalchemy\.exc\.ResourceClosedError: This Connection is closed$/m,
    entry: "closed-database",
    library: "sqlalchemy",
  },
] as const;

/** Makes the mistake; the requests before it succeed. Returns what the server printed of it. */
async function err({ get, server }: Site, { path, good, says }: (typeof MISTAKES)[number]): Promise<string> {
  const before = server.output.length;
  for (let i = 0; i < good; i++) expect(await get(path)).toBe(200);
  expect(await get(path)).toBe(500);
  await server.prints(says);
  return server.output.slice(before);
}

test("mistakes of the program itself: who-holds finds nothing, and others go on", async (context) => {
  const site = await serve(context);
  for (const mistake of MISTAKES) {
    await err(site, mistake);
    const seen = await lookAt(site.database);
    expect(holderOf(seen, site.server.pid)).toMatchObject({ activity: "idle", locks: [] });
    expect(findingIds(seen)).toEqual([]);
    expect(await site.get("/")).toBe(200);
  }
});

test("explain knows the traceback of each", async (context) => {
  const site = await serve(context);
  for (const mistake of MISTAKES) {
    const { message } = await explain(await err(site, mistake));
    expect(message).toMatchObject({ id: mistake.entry, library: { id: mistake.library } });
  }
});

const OPEN_FILES = 40;

/** A site whose pool has no file left to open. */
async function exhausted(context: Parameters<typeof serve>[0], mode: "delete" | "wal"): Promise<Site> {
  const site = await serve(context, { openFiles: OPEN_FILES, mode });
  expect(await site.get("/")).toBe(200);
  expect(await site.get("/leak")).toBe(500);
  await site.server.prints(/^sqlite3\.OperationalError: unable to open database file$/m);
  await site.server.prints(
    /^sqlalchemy\.exc\.OperationalError: \(sqlite3\.OperationalError\) unable to open database file$/m,
  );
  return site;
}

test.for(["delete", "wal"] as const)(
  "%s: a pool that leaks connections until no more files can be opened",
  async (mode, context) => {
    const { database, server } = await exhausted(context, mode);
    const seen = await lookAt(database);
    const found = holderOf(seen, server.pid);
    expect(found.openFilesLimit).toBe(OPEN_FILES);
    expect(found.openFiles).toBeGreaterThan(OPEN_FILES - 5);
    const connections = found.handles.filter((handle) => handle.role === (mode === "wal" ? "wal" : "database"));
    expect(connections.length).toBeGreaterThan(OPEN_FILES / 4);
    expect(seen.findings).toMatchObject([{ id: "open-files-exhausted", pids: [server.pid] }]);
    expect((await sqlock(["who-holds", database])).stdout).toContain(
      ` open-files-exhausted: ${server.pid} (python3 -m flask run`,
    );
  },
);

test("the leak's traceback is explained by the open files of the server", async (context) => {
  const { database, server } = await exhausted(context, "delete");
  const told = await explain(server.output, ["--db", database]);
  expect(told.message).toMatchObject({ id: "unable-to-open", library: { id: "sqlalchemy" } });
  expect(told.thisTime).toMatchObject([{ finding: "open-files-exhausted", cause: expect.any(String) }]);
  expect(told.whoHolds?.databases).toMatchObject([{ findings: [{ pids: [server.pid] }] }]);
});
