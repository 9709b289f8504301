/** Reads how many frames of a live -wal are written after its last commit. */
import { fstatSync } from "node:fs";
import { FRAME_HEADER_BYTES, parseWalHeader, WAL_HEADER_BYTES } from "../sqlite/wal.ts";
import type { WalIndex } from "../sqlite/wal-index.ts";
import { countUncommittedFrames, generationAfter } from "../sqlite/wal-uncommitted.ts";
import { type OpenFile, readFrom } from "./open-file.ts";

type LiveIndex = Extract<WalIndex, { kind: "ok" }>;

/** A process may commit while the frames are counted: then they are counted again, at most so often. */
const MAX_COUNTS = 5;

/** With the wal-index that the number belongs to; null where a process has committed in each of several counts. */
export function uncommittedFrames(
  { fd }: OpenFile,
  first: LiveIndex,
  readIndexAgain: () => LiveIndex | null,
): { readonly uncommitted: number | null; readonly of: LiveIndex } {
  let index = first;
  for (let i = 0; i < MAX_COUNTS; i++) {
    const wal = generationAfter(index, parseWalHeader(readFrom(fd, 0, WAL_HEADER_BYTES)));
    const sizeBytes = fstatSync(fd).size;
    const readHeader = (offset: number) => readFrom(fd, offset, FRAME_HEADER_BYTES);
    const uncommitted = wal === null ? 0 : countUncommittedFrames(wal, index.mxFrame, sizeBytes, readHeader);
    const now = readIndexAgain();
    if (now === null) break;
    const committedSince = now.changeCounter !== index.changeCounter || now.mxFrame !== index.mxFrame;
    if (!committedSince) return { uncommitted, of: now };
    index = now;
  }
  return { uncommitted: null, of: index };
}
