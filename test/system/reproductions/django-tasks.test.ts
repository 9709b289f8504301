/**
 * Django: a transaction around ten async tasks, each of which gets a connection of its own
 * (https://code.djangoproject.com/ticket/31997). The event loop's one thread waits for a lock that it holds itself.
 */
import { expect, type TestContext, test } from "vitest";
import { explain } from "../../support/explain.ts";
import type { Program } from "../../support/program.ts";
import { holderOf, lookAt } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";
import { newProject, type Project, startCommand } from "./django/project.ts";

const TASKS = 10;

test("each task waits its whole timeout for its own process and fails; a longer one waits longer", async (context) => {
  const runs = [];
  for (const timeout of [0.1, 0.25]) runs.push({ timeout, ...(await importAll(context, timeout)) });
  for (const { importer, timeout } of runs) {
    await importer.ends();
    const waited = [...importer.output.matchAll(/task \d failed after (\S+) s/g)].map((match) => Number(match[1]));
    expect(waited).toHaveLength(TASKS);
    for (const seconds of waited) expect(seconds).toBeGreaterThanOrEqual(timeout);
    expect(importer.output.match(/^django\.db\.utils\.OperationalError: database is locked$/gm)).toHaveLength(TASKS);
  }
});

test("who-holds names the process that waits for itself, while it hangs", async (context) => {
  const { project, importer } = await importAll(context, 1);
  await importer.prints(/task 1 saves/);
  const seen = await lookAt(project.database);
  const found = holderOf(seen, importer.pid);
  expect(seen.holders).toHaveLength(1);
  expect(found).toMatchObject({ activity: "writing", blocks: ["writers", "commits", "journal-mode"] });
  expect(found.handles.filter((handle) => handle.role === "database").length).toBeGreaterThanOrEqual(2);
  expect(seen.findings).toMatchObject([{ id: "same-process-contention", pids: [importer.pid] }]);
});

test("explain says that it waited its whole timeout for its own process", async (context) => {
  const { project, importer } = await importAll(context, 3);
  await importer.prints(/task 1 saves/);
  // That it polls shows where it sleeps for 100 ms at a time, and the machine lets it.
  const told = await until("it is seen to poll", async () => {
    const answer = await explain(importer.output, ["--busy-timeout", "3s", "--db", project.database]);
    return answer.causes[0]?.standing === "this-time" && answer;
  });
  expect(told.message).toMatchObject({ id: "database-is-locked", library: { id: "django" } });
  expect(told.waited).toMatchObject({ timeoutMs: 3000, verdict: "whole-timeout" });
  expect(told.thisTime).toMatchObject([{ finding: "same-process-contention", cause: "same-process" }]);
  expect(told.causes[0]).toMatchObject({ id: "same-process", standing: "this-time" });
  expect(told.causes).toContainEqual(expect.objectContaining({ id: "read-became-writer", standing: "ruled-out" }));
});

async function importAll(context: TestContext, timeout: number): Promise<{ project: Project; importer: Program }> {
  const project = newProject(context, timeout);
  return { project, importer: startCommand(project, "import_items") };
}
