/**
 * Django: the development server in a request inside `atomic()`, and another process that fails. The server's main
 * thread has a second connection, of the check of the migrations, which does nothing: it does not wait for itself.
 */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { explain } from "../../support/explain.ts";
import { holderOf, lookAt, sqlock } from "../../support/sqlock.ts";
import { newProject, type Project, serve } from "./django/project.ts";

test("explain names the server that holds the write lock, not its own second connection", async (context) => {
  const project = newProject(context, 0.3);
  const { server, url } = await serve(project);
  const request = fetch(`${url}/hold/tea`).catch(() => null); // where the test fails, the server ends before
  await server.prints(/^holds$/m);
  const log = add(project);
  expect(log).toContain("django.db.utils.OperationalError: database is locked");

  const found = holderOf(await lookAt(project.database), server.pid);
  expect(found.activity).toBe("writing");
  expect(found.handles.filter(({ role }) => role === "database").length).toBeGreaterThanOrEqual(2);
  const told = await explain(log, ["--db", project.database]);
  expect(told.message).toMatchObject({ id: "database-is-locked", library: { id: "django" } });
  expect(told.causes[0]?.id).toBe("open-write-transaction");
  expect(told.causes).toContainEqual(
    expect.objectContaining({ id: "same-process", standing: expect.stringMatching(/^(possible|unlikely|fits)$/) }),
  );
  expect(told.thisTime.map(({ cause }) => cause)).not.toContain("same-process");
  const { stdout } = await sqlock(["explain", "--db", project.database], { input: log });
  const text = stdout.replace(/\s+/g, " ");
  expect(text).toMatch(new RegExp(` ${server.pid} \\(.{1,70}\\) holds the write lock, `));
  expect(text).not.toContain("look in this program, not for another");

  await fetch(`${url}/release`);
  expect((await request)?.status).toBe(200);
  expect(add(project)).toBe("");
});

/** Another process that saves an item. @returns what it printed */
function add({ manage, options }: Project): string {
  const [program = "", ...args] = manage("shell", "-c", "from shop.models import Item; Item(name='milk').save()");
  const { stderr } = spawnSync(program, args, {
    ...options,
    env: { ...process.env, ...options.env },
    encoding: "utf8",
  });
  return stderr;
}
