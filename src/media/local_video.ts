// A look at what a path leads to before it is opened: a FIFO would block, a folder confuse, an empty file be called damaged.
import { DataError, InputError } from "../errors.ts";
import { localFileKind, localFileSize } from "../io/local_file.ts";
import { emptyVideoError } from "./probe_failure.ts";

/** Rejects with InputError unreadable, broken-link, not-a-file or empty-file. */
export async function checkLocalVideo(path: string): Promise<void> {
  if (path.includes("\0")) throw unreadable(path, "its name holds a zero byte", "Rename it");
  const kind = await localFileKind(path).catch((error: unknown) => {
    throw error instanceof DataError ? new InputError("unreadable", error.message, { cause: error }) : error;
  });
  if (kind === "missing") throw unreadable(path, "there is no such file", "See whether it was moved");
  if (kind === "broken link" || kind === "link loop") {
    const why = kind === "link loop" ? "its symbolic links form a loop" : "its symbolic link leads nowhere";
    throw new InputError("broken-link", `Cannot read a video as ${why}: ${path}. Mend or remove the link`, {
      skipped: true,
    });
  }
  if (kind !== "file") {
    throw new InputError(
      "not-a-file",
      `Cannot read a video as it is a ${kind}, not a file: ${path}. Leave it out`,
      {
        skipped: true,
      },
    );
  }
  if ((await localFileSize(path)) === 0) throw emptyVideoError(path);
}

function unreadable(path: string, why: string, remedy: string): InputError {
  return new InputError("unreadable", `Cannot read a video as ${why}: ${path}. ${remedy}`);
}
