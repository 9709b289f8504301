/** The tracer for Python in Django, SQLAlchemy, Flask and aiosqlite: the program's own lines, and its requests. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decoded } from "../../support/decoded-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { pythonWith } from "../../support/python.ts";
import { program } from "../../support/python-programs.ts";

const DJANGO = `import sys
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.db"}},
    ROOT_URLCONF="views", ALLOWED_HOSTS=["*"], INSTALLED_APPS=[], SECRET_KEY="x",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
import django
django.setup()
from django.db import connection, models, transaction
import views
with connection.schema_editor() as editor:
    editor.create_model(views.Order)
from django.test import Client
client = Client()
print(client.get("/orders/?token=secret").content, client.get("/left/").content)
`;

function flags(type: string, what: string): string {
  return type === "call" ? what.replace("s", "") : what;
}

const VIEWS = `from django.db import connection, models, transaction
from django.http import HttpResponse
from django.urls import path

class Order(models.Model):
    name = models.TextField()
    class Meta:
        app_label = "views"

def orders(request):
    with transaction.atomic():
        Order.objects.create(name="x")
        return HttpResponse(str(Order.objects.count()))

def left(request):
    connection.set_autocommit(False)
    Order.objects.create(name="y")
    return HttpResponse("left")

urlpatterns = [path("orders/", orders), path("left/", left)]
`;

test("Django: the lines of views, their requests, and a transaction that a request leaves open", async (context) => {
  const python = pythonWith(context, "django");
  const { folder, path } = program(DJANGO);
  writeFileSync(join(folder, "views.py"), VIEWS);
  const run = await runTraced([python, path], { cwd: folder });
  expect(run).toMatchObject({ stderr: "", code: 0, stdout: "b'1' b'left'\n" });
  const told = decoded(run.messages).filter(({ site, type }) => site.startsWith("views.py") && type !== "open");
  const shown = told.map(({ type, what, site, task, result }) =>
    [type, flags(type, what), site, task, ...(type === "misuse" ? [result] : [])].join(" "),
  );
  expect(shown).toEqual([
    "call b views.py:11 GET /orders/",
    "call w views.py:12 GET /orders/",
    "call r views.py:13 GET /orders/",
    "end commit views.py:11 GET /orders/",
    "call bw views.py:17 GET /left/",
    "misuse left-open views.py:17 GET /left/ request",
  ]);
  expect(JSON.stringify(run.messages)).not.toContain("secret");
});

test("SQLAlchemy: the lines of the program", async (context) => {
  const python = pythonWith(context, "sqlalchemy");
  const text = `from sqlalchemy import create_engine, text
engine = create_engine("sqlite:///a.db")
def add(connection, value):
    connection.execute(text("insert into t values (:value)"), {"value": value})
with engine.begin() as connection:
    connection.execute(text("create table t(a)"))
with engine.begin() as connection:
    add(connection, 1)
print(engine.connect().execute(text("select * from t")).fetchall())
`;
  const { folder, path } = program(text);
  const run = await runTraced([python, path], { cwd: folder });
  expect(run).toMatchObject({ stderr: "", code: 0, stdout: "[(1,)]\n" });
  const told = decoded(run.messages).filter(({ what }) => /^(bw|commit|bsw|bws)$/.test(what));
  expect(told.map(({ type, frames }) => [type, ...frames])).toEqual([
    ["call", "main.py:4 add", "main.py:8 -"],
    ["end", expect.stringMatching(/^main.py:[78] -$/)],
  ]);
});

test("Flask: requests, and one that leaves a transaction open", async (context) => {
  const python = pythonWith(context, "flask");
  const text = `import sqlite3
from flask import Flask
try:
    import blinker
except ImportError:
    print("no signals")
app = Flask(__name__)
c = sqlite3.connect("a.db", check_same_thread=False)
c.execute("create table t(a)")
@app.route("/add/<int:value>")
def add(value):
    c.execute("insert into t values (?)", (value,))
    if value == 1:
        c.commit()
    return "added"
client = app.test_client()
for each in 1, 2:
    print(client.get(f"/add/{each}?token=secret").data)
`;
  const { folder, path } = program(text);
  const run = await runTraced([python, path], { cwd: folder });
  expect(run).toMatchObject({ stderr: "", code: 0 });
  context.skip(run.stdout.startsWith("no signals"), "needs python3-blinker");
  const told = decoded(run.messages).filter(({ task }) => task !== null);
  expect(told.map(({ type, what, site, task }) => [type, flags(type, what), site, task].join(" "))).toEqual([
    "call bw main.py:12 GET /add/1",
    "end commit main.py:14 GET /add/1",
    "call bw main.py:12 GET /add/2",
    "misuse left-open main.py:12 GET /add/2",
  ]);
});

test("aiosqlite: the lines and tasks of the program, whose calls run in a thread of the library", async (context) => {
  const python = pythonWith(context, "aiosqlite");
  const text = `import aiosqlite, asyncio, sqlite3
async def left(db):
    await db.execute("insert into t values (2)")
async def main():
    async with aiosqlite.connect("a.db") as db:
        await db.execute("create table t(a)")
        await db.execute("insert into t values (1)")
        await db.commit()
        try:
            await db.execute("nope")
        except sqlite3.OperationalError as error:
            print(error)
        task = asyncio.get_running_loop().create_task(left(db))
        task.set_name("left")
        await task
asyncio.run(main())
`;
  const { folder, path } = program(text);
  const run = await runTraced([python, path], { cwd: folder });
  expect(run).toMatchObject({ stderr: "", code: 0, stdout: 'near "nope": syntax error\n' });
  const told = decoded(run.messages);
  const calls = told.filter(({ type }) => type !== "misuse" && type !== "close");
  expect(
    calls.map(({ type, what, site, task }) => [type, type === "open" ? "" : flags(type, what), site, task]),
  ).toEqual([
    ["open", "", "main.py:5", "Task-1"],
    ["call", "a", "main.py:6", "Task-1"],
    ["call", "bw", "main.py:7", "Task-1"],
    ["end", "commit", "main.py:8", "Task-1"],
    ["call", "ae", "main.py:10", "Task-1"],
    ["call", "bw", "main.py:3", "left"],
    ["end", "closed", "main.py:5", "Task-1"],
  ]);
  expect(told.filter(({ type }) => type === "misuse")).toEqual([
    expect.objectContaining({ what: "left-open", site: "main.py:3", task: "left", result: "task" }),
  ]);
});
