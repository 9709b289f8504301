/**
 * What a person with a locked database wants to know. Each question makes a situation, asks every tool in its best way,
 * and judges by what the tool prints: `yes`, `no`, or in which way only partly.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Scene, Stage } from "./scenes.ts";
import { linesOf, TOOLS, type Tool, type Toolbox } from "./tools.ts";

export type Answer = string;
/** By tool; null where it is not there, or cannot be asked. */
export type Answers = Readonly<Record<Tool, Answer | null>>;

export interface Question {
  readonly asks: string;
  readonly needsRoot?: true;
  readonly ask: (stage: Stage, tools: Toolbox) => Promise<Answers>;
}

const LSLOCKS = ["-u", "-o", "COMMAND,PID,TYPE,MODE,START,END,INODE,PATH"];

/** The best call of each for a database, with its companion files. */
function callOf(tool: Tool, database: string): readonly string[] {
  if (tool === "lsof") return [database, `${database}-wal`, `${database}-shm`];
  if (tool === "fuser") return ["-v", database, `${database}-wal`, `${database}-shm`];
  if (tool === "lslocks") return LSLOCKS;
  return tool === "getlock" ? [database] : ["who-holds", database];
}

type Judge = (output: string, tool: Tool) => Answer;

type Calls = Partial<Readonly<Record<Tool, readonly string[]>>>;

interface Asking {
  readonly asNobody?: boolean;
  /** How often each tool is asked: what it shows once counts. */
  readonly times?: number;
}

/** Asks every tool; `calls` are those that are not the usual ones. */
function judged(
  tools: Toolbox,
  database: string,
  judge: Judge,
  calls: Calls = {},
  { asNobody = false, times = 1 }: Asking = {},
): Answers {
  const answer = (tool: Tool) => {
    const args = calls[tool] ?? callOf(tool, database);
    // One pass over the kernel's list of locks may lose lines on a busy machine (docs/decisions.md): lslocks is
    // asked five times, and what one shows counts.
    const outputs = Array.from({ length: args === LSLOCKS ? 5 : times }, () =>
      tools.run(tool, args, { asNobody }),
    ).filter((output) => output !== null);
    return outputs.length === 0 ? null : judge(outputs.join(""), tool);
  };
  return Object.fromEntries(TOOLS.map((tool) => [tool, answer(tool)])) as Record<Tool, Answer | null>;
}

/** In one situation. */
function about(mode: "wal" | "delete", judge: (scene: Scene, output: string, tool: Tool) => Answer): Question["ask"] {
  return async (stage, tools) => {
    const scene = await stage.scene(mode);
    return judged(tools, scene.database, (output, tool) => judge(scene, output, tool));
  };
}

const yes = (condition: boolean) => (condition ? "yes" : "no");
const names = (output: string, pid: number) => linesOf(output, pid).length > 0;

/** Some word for a lock that lets write: SQLite's, the kernel's, or lsof's letter behind the descriptor. */
const WRITES = /WRITE|RESERVED|EXCLUSIVE|\d+u[wW]\b/;
/** On the byte of the write lock in -shm. */
const WRITE_BYTE = /\bWRITE +120 +120\b/;

export const QUESTIONS: readonly Question[] = [
  {
    asks: "Which processes have it open, even without a lock",
    ask: about("delete", ({ writer, reader, idle }, output) => {
      const named = [writer, reader, idle].filter(({ pid }) => names(output, pid)).length;
      return named === 3 ? "yes" : named === 0 ? "no" : `${named} of 3`;
    }),
  },
  {
    asks: "Which process holds the write lock (WAL)",
    ask: about("wal", ({ writer, reader, idle }, output) => {
      const writes = ({ pid }: { readonly pid: number }) => linesOf(output, pid).some((line) => WRITES.test(line));
      return yes(writes(writer) && !writes(reader) && !writes(idle));
    }),
  },
  {
    asks: "Which SQLite locks each process holds",
    ask: about("wal", ({ writer, reader }, output) => {
      const has = (pid: number, pattern: RegExp) => linesOf(output, pid).some((line) => pattern.test(line));
      const all = [/\bSHARED\b/, /\bWRITE\b/, /\bREAD\d/, /\bDMS\b/];
      if (all.every((name) => has(writer.pid, name)) && has(reader.pid, /\bREAD\d/)) return "yes";
      if (has(writer.pid, WRITE_BYTE)) return "as bytes";
      return has(writer.pid, /WAL-WRITE/) ? "some" : "no";
    }),
  },
  {
    asks: "What those locks block",
    ask: about("wal", ({ writer }, output) => yes(linesOf(output, writer.pid).some((line) => /writers/.test(line)))),
  },
  {
    asks: "Which process keeps the WAL from being checkpointed",
    ask: about("wal", ({ reader }, output) =>
      yes(linesOf(output, reader.pid).some((line) => /checkpoint/i.test(line))),
    ),
  },
  {
    asks: "For how long, at least, a lock has been held",
    ask: async (stage, tools) => {
      const { database, writer } = await stage.scene("wal");
      await sleep(2500);
      return judged(tools, database, (output) =>
        yes(linesOf(output, writer.pid).some((line) => /\b[2-9]\d* s\b/.test(line))),
      );
    },
  },
  {
    asks: "Which process waits for a lock",
    ask: async (stage, tools) => {
      const { database, idle: waiter } = await stage.scene("delete");
      await waiter.run(`c.execute("PRAGMA busy_timeout = 60000")`);
      waiter.begin(`c.execute("BEGIN IMMEDIATE")`);
      await sleep(500);
      const judge: Judge = (output) =>
        linesOf(output, waiter.pid).some((line) => /waiting/.test(line)) ? "likely" : "no";
      // A busy machine may wake the waiter so late that one look does not see it try again.
      return judged(tools, database, judge, {}, { times: 3 });
    },
  },
  {
    asks: "Another user's write lock, without root",
    needsRoot: true,
    ask: async (stage, tools) => {
      const { database, writer } = await stage.scene("wal");
      return judged(
        tools,
        database,
        (output) => yes(linesOf(output, writer.pid).some((line) => WRITES.test(line))),
        {},
        { asNobody: true },
      );
    },
  },
  {
    asks: "Which process uses a deleted database",
    ask: async (stage, tools) => {
      const { database, writer } = await stage.deleted();
      return judged(
        tools,
        database,
        (output) => yes(linesOf(output, writer.pid).some((line) => /deleted/.test(line))),
        { lsof: ["+L1"] },
      );
    },
  },
  {
    asks: "Which process owns an OFD lock (some Go drivers)",
    ask: async (stage, tools) => {
      const { database, owner } = await stage.ofd();
      return judged(tools, database, (output) => yes(linesOf(output, owner.pid).some((line) => WRITES.test(line))));
    },
  },
  {
    asks: "What to do about it",
    ask: async (stage, tools) => {
      const { database } = await stage.scene("wal");
      await sleep(2500);
      const options = { sqlock: ["who-holds", "--stale-after", "1s", database] };
      return judged(tools, database, (output) => yes(/\b(commit|roll back|end it)\b/i.test(output)), options);
    },
  },
  {
    asks: "Ends the process that blocks, and no other",
    ask: async (stage, tools) => ({
      ...none(tools),
      fuser: await fuserEnds(stage, tools),
      sqlock: await sqlockEnds(stage, tools),
    }),
  },
  {
    asks: "Output for programs",
    ask: async (stage, tools) => {
      const { database, writer } = await stage.scene("wal");
      const calls: Calls = {
        lsof: ["-F", "pfn", database],
        fuser: [database],
        lslocks: ["-J"],
        sqlock: ["who-holds", "--json", database],
      };
      const judge: Judge = (output, tool) => {
        if (tool === "lsof")
          return yes(output.includes(`\np${writer.pid}\nf`) || output.startsWith(`p${writer.pid}\nf`));
        if (tool === "fuser") return names(output, writer.pid) ? "pids" : "no";
        return yes(isJson(output));
      };
      return judged(tools, database, judge, calls);
    },
  },
  {
    asks: "Which process has a file open that is not a database",
    ask: async (stage, tools) => {
      const { file, owner } = await stage.textFile();
      return judged(tools, file, (output) => yes(names(output, owner.pid)), { lsof: [file], fuser: ["-v", file] });
    },
  },
];

/** The tools that cannot end a process. */
const none = (tools: Toolbox) =>
  Object.fromEntries(TOOLS.map((tool) => [tool, tools.missing.has(tool) ? null : "no"])) as Record<Tool, Answer | null>;

async function sqlockEnds(stage: Stage, tools: Toolbox): Promise<Answer> {
  const { database, writer, reader, idle } = await stage.scene("delete");
  tools.run("sqlock", ["kill", "--yes", database]);
  return yes(!writer.runs && reader.runs && idle.runs);
}

/** With -i it asks about each process, idle ones too, and does not say which one blocks. */
async function fuserEnds(stage: Stage, tools: Toolbox): Promise<Answer | null> {
  const { database, writer, reader, idle } = await stage.scene("delete");
  const all = [writer, reader, idle];
  const asked = tools.run("fuser", ["-k", "-i", "-TERM", database], { input: "n\nn\nn\n" });
  if (asked === null) return null;
  const asks = all.every(({ pid, runs }) => runs && asked.includes(`Kill process ${pid} ?`));
  tools.run("fuser", ["-k", "-TERM", database]);
  await sleep(100);
  return asks && all.every(({ runs }) => !runs) ? "all, or asks about each" : "no";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
