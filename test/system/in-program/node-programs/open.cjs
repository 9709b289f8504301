exports.open = function open(driver, file) {
  if (driver !== "node:sqlite") return new (require(driver))(file);
  return new (require("node:sqlite").DatabaseSync)(file);
};
