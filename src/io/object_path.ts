// Object paths: relative to a storage's root, "/" between parts on every system.
// Each storage checks paths here before use, so that no id read from a table can name something outside the root.
import { DataError } from "../errors.ts";

/**
 * The path in its one spelling: no empty, "." or ".." parts, no leading "/", no NUL.
 * @throws DataError for a path that is empty or could leave the root.
 */
export function objectPath(path: string): string {
  const parts = path.split("/");
  const unsafe = parts.some((part) => part === "" || part === "." || part === "..");
  if (unsafe || path.includes("\0")) {
    throw new DataError(
      `Cannot use an object path as it is not a plain path below the storage's root: ${JSON.stringify(path)}. ` +
        `Give a relative path with "/" between parts and no "." or ".." part.`,
    );
  }
  return path;
}

/** As `objectPath`, for a folder: "" and "." are the root, one trailing "/" is dropped. */
export function folderPath(folder: string): string {
  if (folder === "" || folder === ".") return "";
  return objectPath(folder.endsWith("/") ? folder.slice(0, -1) : folder);
}

/** Orders paths by UTF-16 code unit, the order of every listing. */
export function compareCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The error for an object that is not there. */
export function absentObjectError(root: string, path: string): DataError {
  return new DataError(
    `Cannot read an object as there is none of that name in ${root}: ${path}. Check the path, or run the step that writes it.`,
  );
}
