/** A thread that reads files of a recording: its own program (rolldown.config.ts). */
import { parentPort } from "node:worker_threads";
import { UserError } from "../../errors.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import { type FileResult, type FileTask, readFile } from "./read-file.ts";

/** `lines`: a list of lines, as JSON, which is faster than copies of the objects. */
export type FromThread =
  | { readonly kind: "lines"; readonly lines: string }
  | { readonly kind: "result"; readonly result: FileResult }
  | { readonly kind: "error"; readonly code: string; readonly message: string; readonly hint: string | null };

const BATCH = 2_000;

parentPort?.on("message", async (task: FileTask) => {
  let batch: RecordingLine[] = [];
  const send = (message: FromThread) => parentPort?.postMessage(message);
  const flush = () => {
    if (batch.length > 0) send({ kind: "lines", lines: JSON.stringify(batch) });
    batch = [];
  };
  try {
    const result = await readFile(task, (line) => {
      if (batch.push(line) >= BATCH) flush();
    });
    flush();
    send({ kind: "result", result });
  } catch (error) {
    const { code = "bug", message } = error as NodeJS.ErrnoException;
    send({ kind: "error", code, message, hint: error instanceof UserError ? error.hint : null });
  }
});
