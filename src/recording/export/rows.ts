/** The rows of a line of a recording. Pure. */
import type { RecordingLine } from "../lines.ts";
import type { Cells } from "./cells.ts";
import { countsRows } from "./counts-rows.ts";
import { lockRow, refusalRows, waitRows } from "./lock-rows.ts";
import { connectionRow, misuseRow, transactionRows } from "./program-rows.ts";
import { clockRow, databaseRow, foldedRow, unknownRow, walRows } from "./state-rows.ts";

/** `meta` is among the runs, `gap` among the blanks; what `open` tells has lines of its own. */
export function rowsOf(line: RecordingLine, cells: Cells): void {
  switch (line.type) {
    case "process":
      cells.ids.describe(line);
      break;
    case "lock":
      lockRow(line, cells);
      break;
    case "wait":
      waitRows(line, cells);
      break;
    case "transaction":
      transactionRows(line, cells);
      break;
    case "refusal":
      refusalRows(line, cells);
      break;
    case "connection":
      connectionRow(line, cells);
      break;
    case "misuse":
      misuseRow(line, cells);
      break;
    case "counts":
      countsRows(line, cells);
      break;
    case "wal":
      walRows(line, cells);
      break;
    case "database":
      databaseRow(line, cells);
      break;
    case "clock":
      clockRow(line, cells);
      break;
    case "unknown":
      unknownRow(line, cells);
      break;
    case "folded":
      foldedRow(line, cells);
      break;
    default:
  }
}
