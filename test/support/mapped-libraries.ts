/** A program that opens libraries, and knows where their functions are: the truth for what reads their files. */
import { pythonPath } from "./holder.ts";
import { type Program, startProgram } from "./program.ts";

/**
 * Opens the libraries that it is given, and says where in their files SQLite's functions are: by their addresses and
 * the mappings.
 */
const OPENS = `
import ctypes, json, sys
names = sys.argv[1].split()
found = []
for path in sys.argv[2:]:
    library = ctypes.CDLL(path)
    places = {}
    for name in names:
        try: address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        except AttributeError: continue
        for line in open("/proc/self/maps"):
            fields = line.split()
            start, end = [int(each, 16) for each in fields[0].split("-")]
            if start <= address < end: places[name] = address - start + int(fields[2], 16)
    found.append(places)
print("found " + json.dumps(found), flush=True)
sys.stdin.read()
`;

const FUNCTIONS = [
  ...["sqlite3_open", "sqlite3_open_v2", "sqlite3_open16", "sqlite3_close", "sqlite3_close_v2", "sqlite3_step"],
  ...["sqlite3_reset", "sqlite3_finalize"],
  ...["sqlite3_prepare", "sqlite3_prepare_v2", "sqlite3_prepare_v3", "sqlite3_prepare16", "sqlite3_prepare16_v2"],
  ...["sqlite3_prepare16_v3", "sqlite3_exec", "sqlite3_wal_checkpoint_v2", "sqlite3_backup_step"],
];

/** Ends with the test. */
export function opens(paths: readonly string[], through: readonly string[] = []): Program {
  return startProgram([...through, pythonPath(), "-c", OPENS, FUNCTIONS.join(" "), ...paths]);
}

/** Of each library: place by function. */
export async function placesSaid(program: Program): Promise<Record<string, number>[]> {
  const [, json = ""] = await program.prints(/^found (.*)$/m);
  return JSON.parse(json) as Record<string, number>[];
}
