// The input of a split: every video below a folder, at any depth, or one video file. Sorted by path, so that a limit and
// the order of work do not depend on the file system. What has a video's name and is none that can be opened, and folders
// that cannot be looked into, are inputs too: each is named in the end with its reason, and no other is kept from its work.
import { type ReasonCode, UsageError } from "../errors.ts";
import { compareCodeUnits } from "../io/object_path.ts";
import type { PathKind, Storage, StoredObject, UnlistedEntry } from "../io/storage.ts";
import { isVideoPath, videoExtensions } from "../video/video_extensions.ts";
import { isResultFolder } from "./output_layout.ts";
import type { StageContext } from "./stage.ts";

/** An input of which it is known without opening it that it cannot be worked. */
export interface Refusal {
  readonly reason: ReasonCode;
  readonly message: string;
  readonly skipped: boolean;
}

export interface VideoInput extends StoredObject {
  readonly refusal?: Refusal;
}

export interface VideoFolder {
  readonly storage: Storage;
  readonly videos: readonly VideoInput[];
}

/** @param exclude a location whose objects are results, not inputs (an output folder inside the video folder). */
export async function openVideoFolder(
  { openStorage }: Pick<StageContext, "openStorage">,
  location: string,
  exclude: string,
): Promise<VideoFolder> {
  const single = await singleVideo(openStorage, location);
  if (single !== undefined) return single;
  const storage = openStorage(location);
  const results = resultsWithin(storage, openStorage(exclude), location);
  const videos: VideoInput[] = [];
  const isResult = (path: string): boolean =>
    results !== undefined && storage.localPath(path)?.startsWith(results) === true;
  const onUnlisted = (entry: UnlistedEntry): void => {
    const { path, kind } = entry;
    if (isResult(path) || (kind !== "folder" && !isVideoPath(path))) return;
    videos.push({ path, sizeBytes: 0, modifiedMs: 0, refusal: refusalOf(entry) });
  };
  for await (const object of storage.list("", onUnlisted)) {
    if (isVideoPath(object.path) && !isResult(object.path)) videos.push(object);
  }
  videos.sort((left, right) => compareCodeUnits(left.path, right.path));
  if (videos.length === 0) {
    const [why, remedy] = noVideoIn((await storage.rootKind?.()) ?? "folder");
    throw new UsageError(`Cannot find a video as ${why}: ${location}. ${remedy}`);
  }
  return { storage, videos };
}

/** Why a location gives no video, by what it is, and what to do. */
function noVideoIn(kind: PathKind): readonly [why: string, remedy: string] {
  const endings = videoExtensions.join(" ");
  const give = "Give a folder of videos, or a video file";
  switch (kind) {
    case "folder":
      return ["the folder holds none", `Looked for ${endings}`];
    case "file":
      return ["the file's name does not end like a video's", `Rename it where it is one: ${endings}`];
    case "missing":
      return ["there is no such file or folder", give];
    case "broken link":
      return ["the symbolic link leads nowhere", `Mend the link. ${give}`];
    default:
      return [`it is a ${kind}, not a file or folder`, give];
  }
}

function refusalOf({ path, kind, why }: UnlistedEntry): Refusal {
  if (kind === "folder") return { reason: "unreadable", message: why, skipped: false };
  if (kind === "name") {
    const message = `Cannot read a file as its name is not valid UTF-8: ${path}. Rename it.`;
    return { reason: "name-not-utf8", message, skipped: false };
  }
  const message = `Cannot read a video as it is a ${kind}, not a file: ${path}. Leave it out`;
  return { reason: "not-a-file", message, skipped: true };
}

/** The output folder, where it lies inside the video folder. Each ends in the separator of the system. */
function resultsWithin(videos: Storage, output: Storage, location: string): string | undefined {
  const folderOf = (storage: Storage): string | undefined => storage.localPath("x")?.slice(0, -1);
  const [input, results] = [folderOf(videos), folderOf(output)];
  if (input === undefined || results === undefined) return undefined;
  const [below = ""] = input.startsWith(results) ? input.slice(results.length).split(/[/\\]/) : [];
  if (input === results || isResultFolder(below)) {
    throw new UsageError(
      `Cannot write the results among the videos themselves: ${location}. Choose another --output-path, such as ${join(location, "out")}`,
    );
  }
  return results.startsWith(input) ? results : undefined;
}

const join = (folder: string, name: string): string => `${folder.replace(/[/\\]+$/, "")}/${name}`;

async function singleVideo(
  openStorage: StageContext["openStorage"],
  location: string,
): Promise<VideoFolder | undefined> {
  const [, folder = "", name = ""] = /^(.*?)([^/\\]+)[/\\]?$/s.exec(location) ?? [];
  if (!isVideoPath(name)) return undefined;
  const storage = openStorage(folder === "" ? "." : folder);
  const video = await storage.stat(name);
  return video === undefined ? undefined : { storage, videos: [video] };
}
