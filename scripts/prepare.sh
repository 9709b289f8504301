#!/bin/sh
# What npm runs after `npm install` in a checkout.
set -e
# npm installs a git URL from a clone without the development packages.
test -e node_modules/rolldown || npm_config_global=false npm ci --include=dev --ignore-scripts
# npm would run the install script of better-sqlite3 without a word, and a compiler takes a minute: `allowScripts` in
# package.json leaves it to this script. npm 10 does not know that field: then it is built already.
if ! test -e node_modules/better-sqlite3/build/Release/better_sqlite3.node; then
  (
    cd node_modules/better-sqlite3
    ../.bin/prebuild-install 2> /dev/null || {
      echo "better-sqlite3 has no prebuilt binary here: it is being compiled, which takes one or two minutes" >&2
      npm run --silent build-release > /dev/null 2>&1 || npm run build-release
    }
  )
fi
npm run build
