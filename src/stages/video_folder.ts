// The input of a split: every video below a folder, at any depth, or one video file. Sorted by path, so that a limit and
// the order of work do not depend on the file system.
import { UsageError } from "../errors.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import { isVideoPath, videoExtensions } from "../video/video_extensions.ts";
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
  const results = openStorage(exclude).localPath("x")?.slice(0, -1);
  const videos: StoredObject[] = [];
  for await (const object of storage.list("")) {
    const path = storage.localPath(object.path);
    if (results !== undefined && path?.startsWith(results)) continue;
    if (isVideoPath(object.path)) videos.push(object);
  }
  if (videos.length === 0) {
    throw new UsageError(
      `Cannot find a video as the folder does not exist or holds none: ${location}. Looked for ${videoExtensions.join(" ")}`,
    );
  }
  return { storage, videos };
}

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
