// Prints why node_modules does not hold what package-lock.json asks for, or nothing when it does. Compares npm's own
// record of what it installed with the lock. A package for another system, or an optional one left out, is no reason.
import { existsSync, readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function reason() {
  if (!existsSync("node_modules")) return "node_modules is absent";
  if (!existsSync("node_modules/.package-lock.json")) return "node_modules was not installed by npm";
  const wanted = read("package-lock.json").packages;
  const installed = read("node_modules/.package-lock.json").packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link) continue;
    const found = installed[path];
    if (found === undefined) {
      if (entry.optional || entry.devOptional || entry.peer) continue;
      return `${path} is absent`;
    }
    if (found.version !== entry.version)
      return `${path} is ${found.version}, and the lock asks for ${entry.version}`;
    if (!existsSync(path)) return `${path} is absent`;
  }
  const stray = Object.keys(installed).find((path) => wanted[path] === undefined);
  return stray === undefined ? "" : `${stray} is not in package-lock.json`;
}

const text = reason();
if (text !== "") console.log(text);
