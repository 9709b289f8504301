/** One connection of several in a process, in a thread of its own. */
import type { Member, Task } from "../protocol.ts";
import { clockOf } from "./clock.ts";
import { connect } from "./connection.ts";
import { wait } from "./gate.ts";
import { endWith } from "./load.ts";
import { runReader } from "./reader.ts";
import { RecordsOut } from "./records-out.ts";
import { runWriter } from "./writer.ts";

export interface ThreadData {
  readonly task: Task;
  readonly member: Member;
  readonly gate: SharedArrayBuffer;
}

export function runThread({ task, member, gate }: ThreadData): void {
  try {
    const out = new RecordsOut();
    const db = connect(task.path, task.settings.busyTimeoutMs);
    out.send({ kind: "ready", ...member });
    (member.role === "writer" ? runWriter : runReader)(db, task, member.worker, clockOf(wait(gate)), out);
    db.close();
    out.send({ kind: "ended", ...member });
  } catch (error) {
    endWith(error);
  }
}
