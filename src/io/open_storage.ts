// From what a user types (a path or a URL) to a Storage.
import { fileURLToPath } from "node:url";
import { UsageError } from "../errors.ts";
import { FileStorage } from "./file_storage.ts";
import type { OpenStorage, Storage } from "./storage.ts";

/**
 * Opens the storage at a path of this machine or a `file:` URL.
 * @throws UsageError for any other scheme, and for an empty location.
 */
export const openStorage: OpenStorage = (location: string): Storage => {
  if (location === "") throw new UsageError("Cannot open a storage as its location is empty. Give a folder.");
  // One letter before the colon is a Windows drive.
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(location)?.[1]?.toLowerCase();
  if (scheme === "file") return new FileStorage(fileUrlPath(location));
  if (scheme === "s3" || /^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(location)) {
    throw new UsageError(
      `Cannot open a storage as ${scheme}: is not supported: ${location}. ` +
        "Supported are folders of this machine, as a path or a file: URL; mount the bucket or copy the files first.",
    );
  }
  return new FileStorage(location);
};

function fileUrlPath(location: string): string {
  try {
    return fileURLToPath(location);
  } catch (cause) {
    throw new UsageError(
      `Cannot open a storage as its URL names no file of this machine: ${location}. Write file:///absolute/path.`,
      { cause },
    );
  }
}
