// Turns what the file system refuses into a sentence a person can act on.
import { ClipsieveError, DataError } from "../errors.ts";

const CAUSES: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  ENOENT: ["there is no such file", "Check the path, or run the step that writes it."],
  EACCES: ["permission was denied", "Change the owner or the mode of the file or its folder."],
  EPERM: ["the system does not permit it", "Change the owner or the mode of the file or its folder."],
  EROFS: ["the file system is read-only", "Choose another output path."],
  ENOSPC: [
    "the disk is full",
    "Free some space or choose another output path; a repeated run goes on where it stopped.",
  ],
  EDQUOT: ["the disk quota is used up", "Free some space or choose another output path."],
  EISDIR: ["a folder has that name", "Remove the folder or choose another path."],
  ENOTEMPTY: ["a folder has that name", "Remove the folder or choose another path."],
  ENOTDIR: ["a part of the path is a file, not a folder", "Remove the file or choose another path."],
  EEXIST: ["a part of the path is a file, not a folder", "Remove the file or choose another path."],
  ENAMETOOLONG: ["the name is too long for the file system", "Choose a shorter path."],
  ELOOP: ["its symbolic links form a loop", "Remove the link."],
  EMFILE: ["too many files are open", "Raise the limit with `ulimit -n`, or lower --concurrency."],
};

/** A DataError for an error of node:fs; errors of other kinds are returned as they are. */
export function fileError(
  action: "read" | "write" | "list" | "delete",
  path: string,
  error: unknown,
): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof ClipsieveError) return error;
  const [why, remedy] = CAUSES[code] ?? [`the system answered ${code}`, "Check the path and the disk."];
  return new DataError(`Cannot ${action} a file as ${why}: ${path}. ${remedy}`, { cause: error });
}

/** The code of a system error ("ENOENT"), if it is one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
