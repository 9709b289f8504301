/**
 * `npm run bench -- --call-sites`: what the tracer inside of a recorded program costs, by the program's own CPU time:
 * the same program with `sqlock record` and without, in turn. `--rounds`: of each comparison.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { BIN, ENV, median, ROOT, type Row, show } from "./measure.ts";

/** Commands on stdin, one answer each: `NAME N` runs N of it, and answers with the CPU time of one, in us. */
const PYTHON = `
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA journal_mode = WAL"); c.execute("PRAGMA synchronous = OFF")
c.execute("CREATE TABLE IF NOT EXISTS t (a)")
def transaction(n):
    c.execute("BEGIN")
    for i in range(n):
        c.execute("INSERT INTO t VALUES (?)", (i,))
    c.execute("COMMIT")
def autocommit(n):
    for i in range(n):
        c.execute("INSERT INTO t VALUES (?)", (i,))
def select(n):
    for i in range(n):
        c.execute("SELECT ?", (i,)).fetchone()
print("ready", sqlite3.Connection.__mro__[1].__name__, flush=True)
for line in sys.stdin:
    name, count = line.split()
    count = int(count)
    before = time.process_time_ns()
    globals()[name](count)
    took = time.process_time_ns() - before
    c.execute("DELETE FROM t")
    print(took / 1000 / count, flush=True)
`;

const NODE = `
const { createInterface } = require("node:readline");
const db = new (require(process.argv[2]))(process.argv[1]);
db.pragma("journal_mode = wal"); db.pragma("synchronous = off");
db.exec("create table if not exists t(a)");
const insert = db.prepare("insert into t values (?)");
const select = db.prepare("select ?");
const run = {
  transaction: db.transaction((n) => { for (let i = 0; i < n; i++) insert.run(i); }),
  autocommit(n) { for (let i = 0; i < n; i++) insert.run(i); },
  select(n) { for (let i = 0; i < n; i++) select.get(i); },
};
console.log("ready");
createInterface({ input: process.stdin }).on("line", (line) => {
  const [name, count] = line.split(" ");
  const before = process.cpuUsage();
  run[name](Number(count));
  const { user, system } = process.cpuUsage(before);
  db.exec("delete from t");
  console.log((user + system) / Number(count));
});
`;

const DJANGO = `
import sys, time
import django
from django.conf import settings
settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"], INSTALLED_APPS=["django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
)
django.setup()
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import path
call_command("migrate", verbosity=0)
connection.cursor().execute("PRAGMA synchronous = OFF")
ContentType.objects.all().delete()
ContentType.objects.create(app_label="a", model="m")
def view(request):
    with transaction.atomic():
        for i in range(10):
            one = ContentType.objects.get(app_label="a")
            one.model = "m%d" % i
            one.save(update_fields=["model"])
    return HttpResponse("ok")
urlpatterns = [path("", view)]
from django.test import Client
client = Client()
def request(n):
    for i in range(n):
        assert client.get("/").status_code == 200
request(20)
print("ready", flush=True)
for line in sys.stdin:
    name, count = line.split()
    count = int(count)
    before = time.process_time_ns()
    globals()[name](count)
    print((time.process_time_ns() - before) / 1000 / count, flush=True)
`;

interface Case {
  readonly work: string;
  readonly program: readonly string[];
  readonly name: string;
  readonly count: number;
  /** Microseconds that a statement may take more. */
  readonly added?: number;
  /** Of the time of a request. */
  readonly share?: number;
}

const BETTER_SQLITE3 = join(ROOT, "node_modules/better-sqlite3");

/** In a command: the path of its database. */
const DATABASE = "{database}";

function cases(): Case[] {
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const of = (work: string, program: readonly string[], added: number): Case[] =>
    (
      [
        ["in a transaction", "transaction"],
        ["autocommit", "autocommit"],
        ["reads", "select"],
      ] as const
    ).map(([what, name]) => ({ work: `${work}, ${what}`, program, name, count: 20_000, added }));
  return [
    ...of("Python, a statement", [python, "-c", PYTHON, DATABASE], 2),
    ...of("better-sqlite3, a statement", [process.execPath, "-e", NODE, DATABASE, BETTER_SQLITE3], 3),
    {
      ...{ work: "Django, a request with 20 statements", program: [python, "-c", DJANGO, DATABASE] },
      ...{ name: "request", count: 100, share: 0.03 },
    },
  ];
}

export async function benchCallSites(): Promise<void> {
  const { values } = parseArgs({
    options: { "call-sites": { type: "boolean" }, rounds: { type: "string", default: "9" } },
  });
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  const rows: Row[] = [];
  try {
    for (const each of cases()) rows.push(await measured(each, Number(values.rounds), folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  show(rows);
}

async function measured(
  { work, program, name, count, added, share }: Case,
  rounds: number,
  folder: string,
): Promise<Row> {
  const user = process.geteuid?.() === 0 ? ["--user", "root"] : [];
  const record = [process.execPath, BIN, "record", "--source", "sampled", ...user, "--"];
  // each with a database of its own: they are not to wait for each other
  const of = (name: string) => program.map((word) => (word === DATABASE ? join(folder, name) : word));
  const [bare, traced] = [new Program(of("bare.db"), folder), new Program([...record, ...of("traced.db")], folder)];
  try {
    for (const each of [bare, traced]) await each.ready();
    const differences: number[] = [];
    const times: [number[], number[]] = [[], []];
    for (const each of [bare, traced]) await each.ask(`${name} ${count}`);
    for (let i = 0; i < rounds; i++) {
      const [without, using] = [await bare.ask(`${name} ${count}`), await traced.ask(`${name} ${count}`)];
      times[0].push(without);
      times[1].push(using);
      differences.push(using - without);
    }
    const [without, using, more] = [median(times[0]), median(times[1]), median(differences)];
    const result = `${using.toFixed(2)} / ${without.toFixed(2)} us, ${more >= 0 ? "+" : ""}${more.toFixed(2)} us`;
    if (added !== undefined) return { work, result, target: `<= ${added} us more`, met: more <= added };
    const part = more / without;
    const target = `<= ${100 * (share ?? 0)} % more`;
    return { work, result: `${result} (${(100 * part).toFixed(1)} %)`, target, met: part <= (share ?? 0) };
  } finally {
    bare.end();
    traced.end();
  }
}

class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor([program = "", ...args]: readonly string[], cwd: string) {
    this.#child = spawn(program, args, { cwd, env: ENV, stdio: ["pipe", "pipe", "ignore"] });
    if (this.#child.stdout === null) throw new Error("no pipe");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ready(): Promise<void> {
    const { value } = await this.#lines.next();
    if (!String(value).startsWith("ready")) throw new Error(`the program did not start: ${value}`);
  }

  async ask(line: string): Promise<number> {
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the program has ended");
    return Number(value);
  }

  end(): void {
    this.#child.stdin?.end();
  }
}
