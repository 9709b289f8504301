/** The driver of Java: its jar by Maven, and a class that is compiled here. */
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { type Command, testDrivers } from "../matrix.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const [POM, DIGESTS, SOURCE] = ["pom.xml", "sha256sums", "WithXerial.java"].map((file) => join(HERE, file)) as [
  string,
  string,
  string,
];

testDrivers([{ name: "org.xerial:sqlite-jdbc", command: program }]);

async function program(context: TestContext): Promise<Command> {
  const version = await versionOf(context, { name: "Java", command: ["javac", "-version"], atLeast: [11, 0] });
  need(context, has("mvn"), "mvn (Maven)");
  const folder = await fetched(context, { name: "java", pins: [POM, DIGESTS, SOURCE], key: [version], make });
  // The driver unpacks its library into a folder; where it is killed, its next start removes it.
  return { argv: ["java", "-cp", `${folder}/*:${folder}`, `-Dorg.sqlite.tmpdir=${folder}`, "WithXerial"] };
}

async function make(folder: string): Promise<void> {
  const copy = "dependency:copy-dependencies";
  copyFileSync(POM, join(folder, "pom.xml")); // Maven leaves its own files beside it
  await run(["nice", "mvn", "--batch-mode", "--quiet", copy, `-DoutputDirectory=${folder}`], { cwd: folder });
  for (const [, digest, jar = ""] of readFileSync(DIGESTS, "utf8").matchAll(/^(\w+) {2}(.+)$/gm)) {
    const found = createHash("sha256")
      .update(readFileSync(join(folder, jar)))
      .digest("hex");
    if (found !== digest) throw new Error(`${jar} has the SHA-256 ${found}, not ${digest}`);
  }
  await run(["javac", "-cp", `${folder}/*`, "-d", folder, SOURCE], { cwd: folder });
}
