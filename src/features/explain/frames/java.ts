/** Stacks of Java and Kotlin: after the message, the innermost frame first, a cause after what it caused. Pure. */
import { type Frame, linesOfStack, type StackFormat } from "./frame.ts";

/** `at com.shop.Orders.save(Orders.java:12) ~[classes/:na]`; a module or class loader may stand before the class. */
const FRAME = new RegExp(
  String.raw`(?:^|\s)at (?:[\w.@-]{0,200}\/{1,2})?([\w.$<>-]{1,500})` +
    String.raw`\((?:([^\s():]{1,200}\.\w{1,10}):(\d{1,9})|Native Method|Unknown Source|<generated>|[\w.]{1,200})\)` +
    "(.{0,200})",
);
/** The rest of the stack is that of the exception before it. */
const COMMON = /(?:^|\s)\.{3} (\d{1,5}) (?:more|common frames omitted)/;
const CAUSED_BY = /\bCaused by: /;

export const JAVA: StackFormat = {
  language: "Java",
  cause: "last",
  stackOf(lines, at) {
    const frames: Frame[] = [];
    let common = addFrames(frames, lines, at, Number.POSITIVE_INFINITY);
    // A cause prints only the frames that the exception before it has not.
    for (let head = at; common > 0 && CAUSED_BY.test(lines[head] ?? ""); ) {
      head = headBefore(lines, head);
      if (head < 0) break; // its first frames are out of sight, and may be the program's own
      common = addFrames(frames, lines, head, common);
    }
    return frames;
  },
};

/** Adds the last `wanted` frames after this line. @returns how many of them are those of the exception before it. */
function addFrames(frames: Frame[], lines: readonly string[], at: number, wanted: number): number {
  const stack = linesOfStack(lines, at, (text) => FRAME.test(text) || COMMON.test(text));
  const common = Number(COMMON.exec(stack.at(-1) ?? "")?.[1] ?? 0);
  const own = stack.flatMap((text) => frameOf(text) ?? []);
  const left = wanted - common;
  if (left > 0) frames.push(...own.slice(left >= own.length ? 0 : own.length - left));
  return Math.min(common, wanted);
}

/** The message of the exception before this line. */
function headBefore(lines: readonly string[], at: number): number {
  let head = at - 1;
  while (head >= 0 && (FRAME.test(lines[head] ?? "") || COMMON.test(lines[head] ?? ""))) head--;
  return head;
}

function frameOf(text: string): Frame | null {
  const match = FRAME.exec(text);
  if (match === null) return null;
  const [, name = "", file, line, jar = ""] = match;
  const own = file !== undefined && !LIBRARY.test(name) && !/\[[^\]]*-\d[^\]]*\.jar|\$\$/.test(jar + name);
  return { file: file ?? "", line: Number(line ?? 0), function: name, own };
}

/** Packages of libraries that stand between a program and SQLite. */
const LIBRARY = new RegExp(
  `^(?:${[
    String.raw`java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure`,
    String.raw`android|androidx|com\.android|dalvik`,
    String.raw`org\.(?:sqlite|springframework|hibernate|apache|jooq|jdbi|mybatis|eclipse|gradle|junit|testng|slf4j)`,
    String.raw`org\.(?:flywaydb|liquibase|jetbrains|jboss|codehaus|reactivestreams|aspectj|glassfish|postgresql)`,
    String.raw`liquibase|com\.(?:zaxxer|fasterxml|google|intellij|mchange|alibaba|baomidou|querydsl|squareup|j256)`,
    String.raw`io\.(?:netty|micronaut|quarkus|ktor|vertx|smallrye|ebean|requery|reactivex|micrometer|opentelemetry)`,
    String.raw`reactor|rx|ch\.qos|net\.bytebuddy|net\.sf|app\.cash|dagger|okhttp3|okio|play|akka|slick|ratpack`,
  ].join("|")})\\.`,
);
