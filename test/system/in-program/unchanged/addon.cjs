// A compiled library that cannot be loaded.
try {
  process.dlopen({ exports: {} }, __filename);
} catch (error) {
  console.log(error.code, error.stack);
}
try {
  require("./addon.node");
} catch (error) {
  console.log(error.code, error.stack);
}
