// The input of a split: every video below a folder, at any depth, or one video file. Sorted by path, so that a limit and
// the order of work do not depend on the file system.
import { UsageError } from "../errors.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { isVideoPath, videoExtensions } from "../video/video_extensions.ts";
import { isResultFolder } from "./output_layout.ts";
import type { StageContext } from "./stage.ts";

export interface VideoFolder {
  readonly storage: Storage;
  readonly videos: readonly StoredObject[];
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
  const videos: StoredObject[] = [];
  for await (const object of storage.list("")) {
    if (results !== undefined && storage.localPath(object.path)?.startsWith(results)) continue;
    if (isVideoPath(object.path)) videos.push(object);
  }
  if (videos.length === 0) {
    throw new UsageError(
      `Cannot find a video as the folder does not exist or holds none: ${location}. Looked for ${videoExtensions.join(" ")}`,
    );
  }
  return { storage, videos };
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
