/** Errors of SQLite and of the file system become an answer to the parent. */
import { codeOf, isFolderGone, messageOf } from "../../../worker/sqlite-error.ts";
import type { Message } from "../protocol.ts";
import { OtherFile } from "./opened-file.ts";

/** @throws the error itself where it is a bug */
export function sendRefusal(error: unknown, send: (message: Message) => void): void {
  if (error instanceof OtherFile) {
    send({ kind: "refused", refusal: { kind: "other-file" } });
    return;
  }
  const { code: errno } = error as NodeJS.ErrnoException;
  const code = codeOf(error) || (isFolderGone(error) ? "ENOENT" : String(errno ?? ""));
  if (!/^(?:SQLITE_|E[A-Z]+$)/.test(code)) throw error;
  send({ kind: "refused", refusal: { kind: "sqlite", code, message: messageOf(error) } });
}
