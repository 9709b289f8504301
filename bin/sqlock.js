#!/usr/bin/env node
"use strict";
// CommonJS, one file, and V8's compiled code beside it where this Node.js built it: together a third of the start-up
// (npm run bench).
const { close, open, read, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

// The kernel takes some 10 ms to bring /proc/locks to a halt for a first reader: it begins while the program is being
// loaded.
if (process.argv[2] === "who-holds") {
  open("/proc/locks", "r", (error, fd) => error === null && read(fd, Buffer.alloc(1), 0, 1, 0, () => close(fd)));
}

const file = join(dirname(__dirname), "dist/cli/main.cjs");
let cachedData;
try {
  cachedData = readFileSync(`${file}.${process.version}-${process.arch}.cache`);
} catch {
  cachedData = undefined; // built by another Node.js: then it is compiled now
}
const wrapped = `(function (exports, require, module, __filename) {${readFileSync(file, "latin1")}\n})`;
const script = new Script(wrapped, { filename: file, cachedData });
const main = { exports: {} };
script.runInThisContext().call(main.exports, main.exports, require, main, file);
module.exports = { finished: main.exports.run(process.argv.slice(2)), script, file };
