/** Stacks of Go: after the message, two lines a frame, the innermost first. Pure. */
import { type Frame, linesOfStack, type StackFormat } from "./frame.ts";

const PLACE = /^\s+(\S.{0,1000}\.(?:go|s|c)):(\d{1,9})(?: \+0x[0-9a-f]+)?\s*$/;
/** `main.(*Store).Save(0x1, 0x2)`, `created by main.main in goroutine 1`, `panic({0x1, 0x2})`. */
const CALL = /^\s*(?:created by )?[\w.-]+(?:[/.(][^\s]*)?(?:\(.*\)| in goroutine \d+)?\s*$/;
const HEAD = /^\s*(?:goroutine \d+ .*\[.*\]:|\[signal .*\]|panic: .*)\s*$/;

export const GO: StackFormat = {
  language: "Go",
  cause: "first",
  stackOf(lines, at) {
    const isPart = (text: string) => PLACE.test(text) || HEAD.test(text) || CALL.test(text);
    const stack = linesOfStack(lines, at, isPart);
    const second = stack.findIndex((text, i) => HEAD.test(text) && PLACE.test(stack[i - 1] ?? ""));
    return stack.slice(0, second < 0 ? undefined : second).flatMap((text, i, all) => frameOf(text, all[i - 1]) ?? []);
  },
};

function frameOf(text: string, before: string | undefined): Frame | null {
  const match = PLACE.exec(text);
  if (match === null || before === undefined || !CALL.test(before)) return null;
  const [, file = "", line] = match;
  const call = before.trim();
  const name = call.endsWith(")") ? call.slice(0, call.lastIndexOf("(")) : call;
  const own = !call.startsWith("created by ") && !LIBRARY.test(file) && !isStandard(file, name);
  return { file, line: Number(line), function: name === "" ? null : name, own };
}

const LIBRARY = /[/\\]pkg[/\\]mod[/\\]|@v\d|(?:^|[/\\])vendor[/\\]|^_cgo|^<|\.(?:s|c)$/;

/** Packages of the standard library that call a program, or that it reaches SQLite through. */
const STANDARD = new Set(
  (
    "runtime database net os sync context testing reflect syscall internal encoding bufio fmt log time io errors " +
    "html text slices maps iter flag"
  ).split(" "),
);

/** Where Go itself is installed: `/usr/local/go/src/`, `/usr/lib/go-1.19/src/`, `/opt/go/1.22.1/x64/src/`. */
const GOROOT = /[/\\]go(?:-?\d[\w.]*)?[/\\](?:[\w.-]{1,40}[/\\]){0,2}src[/\\](\w{1,20})[/\\]/;

/** Without the folder of Go where the program was built with -trimpath. */
function isStandard(file: string, name: string): boolean {
  if (name === "panic" || STANDARD.has(GOROOT.exec(file)?.[1] ?? "")) return true;
  const top = /^\w+(?=[/.])/.exec(name)?.[0] ?? "";
  return STANDARD.has(top) && (file.startsWith(`${top}/`) || file.includes(`/src/${top}/`));
}
