#!/usr/bin/env node
"use strict";
// Starts dist/cli/main.cjs as require() would, in less time:
// 1. A Node.js that is too old is refused before anything is loaded, in syntax that Node.js 10 can parse.
// 2. For who-holds, the first read of /proc/locks, for which the kernel takes some 10 ms, begins at once.
// 3. The program is read as latin1, without decoding: the build makes it ASCII.
// 4. V8's compiled code for it comes from a cache file beside it, where only who may change the program may write
//    (bin/build-code-cache.js makes it). V8 compares the length of the program, and nothing of its content; and it
//    does not check its own data, damage of which would crash it. So the cache holds the text of the program that was
//    compiled, and the compiled code twice. It is used only if the text is that of main.cjs as it is now, byte by
//    byte, and both copies are equal: comparing takes less time than any checksum. Otherwise V8 compiles anew.
// 5. main.cjs is registered as a loaded module: other files of dist/cli require it, and must not get a second one.
//    In Module._cache: where a loader hook gave Node.js 20 this file (NODE_OPTIONS), require has no cache.
// 6. who-holds ends by exit() when it is done, which saves a millisecond: all it prints is written by then (writeSync).
if (!isSupported(process.versions.node)) {
  const { node } = process.versions;
  console.error(`sqlock needs Node.js 20.19 or later; not 21, nor 22 before 22.12 (this is ${node})`);
  process.exitCode = 2;
} else {
  module.exports = start();
}

function isSupported(version) {
  const parts = version.split(".").map(Number);
  const isLater = parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19);
  return isLater && typeof process.getBuiltinModule === "function"; // 21, and 22 before 22.3, do not have it
}

function start() {
  const fs = require("node:fs");
  const path = require("node:path");
  const vm = require("node:vm");
  const isLook = process.argv[2] === "who-holds";
  if (isLook) {
    fs.open("/proc/locks", "r", (error, fd) => {
      if (error === null) fs.read(fd, Buffer.alloc(1), 0, 1, 0, () => fs.close(fd));
    });
  }
  const folder = path.join(path.dirname(__dirname), "dist/cli");
  const file = path.join(folder, "main.cjs");
  const cacheFile = `${file}.${process.version}-${process.arch}.cache`;
  const text = read(file);
  if (text === null) {
    console.error(`sqlock is not built: there is no ${file}; run npm install in ${path.dirname(__dirname)}`);
    process.exitCode = 2;
    return { finished: Promise.resolve() };
  }
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text.latin1Slice()}\n})`;
  const cachedData = compiledCode(read(cacheFile), text);
  const script = new vm.Script(wrapped, { filename: file, cachedData });
  const main = new module.constructor(file, module);
  main.filename = file;
  main.paths = module.paths;
  main.loaded = true;
  module.constructor._cache[file] = main;
  script.runInThisContext().call(main.exports, main.exports, (id) => main.require(id), main, file, folder);
  const finished = main.exports.run(process.argv.slice(2));
  if (isLook && require.main === module) finished.then(() => process.exit());
  return { finished, script, text, cacheFile };

  function read(name) {
    try {
      return fs.readFileSync(name);
    } catch {
      return null;
    }
  }
}

function compiledCode(cache, text) {
  if (cache === null || !cache.subarray(0, text.length).equals(text)) return undefined;
  const end = text.length + (cache.length - text.length) / 2;
  const code = cache.subarray(text.length, end);
  return code.equals(cache.subarray(end)) ? code : undefined;
}
