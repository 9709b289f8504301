/**
 * Django: a `manage.py shell` left inside `transaction.atomic()` after a save, and a request that fails because of it.
 */
import { expect, type TestContext, test } from "vitest";
import { explain } from "../../support/explain.ts";
import { type Program, startAtTerminal } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";
import { SELDOM_MS, until } from "../../support/until.ts";
import { newProject, type Project, type Site, serve } from "./django/project.ts";

const TIMEOUT_S = 0.3;

/** A shell that waits, in the middle of a transaction, for a person who has left. */
const LEFT = `from django.db import transaction
from shop.models import Item
with transaction.atomic():
    Item(name="tea").save()
    answer = input("Is the " + "tea right? ")

`;

test("the shell is found, also by explain in a Django traceback; once it ends, requests succeed", async (context) => {
  const { project, shell, site, log } = await lockedOut(context);
  // The last write is older than the last run: for a moment it is only likely that nobody works on the transaction.
  const seen = await until(
    "the shell has been idle for long enough",
    async () => {
      const look = await lookAt(project.database, ["--stale-after", "1s"]);
      return findingIds(look).length > 0 && !isLikely(holderOf(look, shell.pid)) && look;
    },
    SELDOM_MS,
  );
  const found = holderOf(seen, shell.pid);
  expect(found).toMatchObject({
    activity: "writing",
    state: "sleeping",
    stale: ["idle-in-transaction"],
    terminal: expect.stringMatching(/^pts\/\d+$/),
  });
  expect(found.commandLine.slice(1, 3)).toEqual(["manage.py", "shell"]);
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "error", pids: [shell.pid] }]);
  expect(seen.findings[0]?.remedy).toContain(`it runs on ${found.terminal}`);
  const text = (await sqlock(["who-holds", "--stale-after", "1s", project.database])).stdout;
  expect(text).toMatch(
    new RegExp(
      `^error uncommitted-write: ${shell.pid} \\(python3 manage.py shell .*every other writer gets 'database is ` +
        "locked'",
      "m",
    ),
  );

  const told = await explain(log, ["--db", project.database]);
  expect(told.message).toMatchObject({ id: "database-is-locked", library: { id: "django" } });
  expect(told.causes[0]?.id).toBe("open-write-transaction");
  expect(told.whoHolds?.databases).toMatchObject([
    { holders: expect.arrayContaining([expect.objectContaining({ pid: shell.pid, activity: "writing" })]) },
  ]);

  shell.type("yes\n");
  await shell.prints(/>>> $/);
  expect((await fetch(`${site.url}/add/milk`)).status).toBe(200);
  expect(findingIds(await lookAt(project.database))).toEqual([]);
});

function isLikely({ stale }: { readonly stale: readonly string[] }): boolean {
  return stale.includes("likely-idle-in-transaction");
}

/** The shell, and a site whose request has failed. */
async function lockedOut(context: TestContext): Promise<{ project: Project; shell: Program; site: Site; log: string }> {
  need(context, has("script"), "script (bsdutils)");
  const project = newProject(context, TIMEOUT_S);
  const site = await serve(project);
  const shell = await startAtTerminal(project.manage("shell", "-i", "python"), project.options);
  await shell.prints(/>>> $/);
  shell.type(LEFT);
  await shell.prints(/Is the tea right\? /);
  const began = performance.now();
  expect((await fetch(`${site.url}/add/milk`)).status).toBe(500);
  expect(performance.now() - began).toBeGreaterThan(TIMEOUT_S * 1000);
  await site.server.prints(/django\.db\.utils\.OperationalError: database is locked\n/);
  return { project, shell, site, log: site.server.output };
}
