// A playlist under a video's name makes ffmpeg open whatever it lists. Here each names a video beside it and a server of
// this machine; system calls, where strace can watch them, and the server's count prove that neither is touched.
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fast, ffmpeg, picture, splitAll, tone } from "./generated_videos.ts";
import { playlists } from "./playlists.ts";

let folder: TempFolder;
let server: Server;
let lists: ReadonlyMap<string, string>;
const requests: string[] = [];
const inputs = (name: string): string => join(folder.path, "inputs", name);
const bait = (): string => inputs("bait.mkv");

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  await mkdir(inputs(""), { recursive: true });
  await mkdir(folder.file("traces"));
  await ffmpeg(...picture("64x64", "10", 2), ...tone(2), ...fast, bait());
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.statusCode = 404;
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  lists = playlists({ video: bait(), server: `127.0.0.1:${port}` });
  for (const [name, text] of lists) await writeFile(inputs(name), text);
});
afterAll(async () => {
  server.close();
  await folder.remove();
});

/** Why system calls cannot be watched here, or undefined. */
function whyNoTrace(): string | undefined {
  try {
    execFileSync("strace", ["-qq", "-o", "/dev/null", "true"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

/** A program that runs another one and writes down each file that it opens and each connection that it makes. */
async function traced(program: string): Promise<string> {
  const path = folder.file(`traced-${program}`);
  const calls = "open,openat,openat2,creat,socket,connect,sendto";
  const trace = `exec strace -f -qq -s 4096 -e trace=${calls} -o "${folder.file("traces")}/$$" ${program} "$@"`;
  await writeFile(path, `#!/bin/sh\n${trace}\n`);
  await chmod(path, 0o755);
  return path;
}

interface Trace {
  /** To be read, unless they were written first: an encoder reads its clip again to put the index in front. */
  readonly opened: string[];
  readonly written: string[];
  readonly network: string[];
}

/** What outside the system's own folders was opened, and every connection, since the last look. */
async function takeTrace(): Promise<Trace> {
  const opened = new Set<string>();
  const written = new Set<string>();
  const network: string[] = [];
  const ofSystem = /^\/(lib|lib64|usr|etc|proc|sys|dev|opt|nix)(\/|$)/;
  for (const name of await readdir(folder.file("traces"))) {
    const lines = (await readFile(folder.file(`traces/${name}`), "utf8")).split("\n");
    for (const line of lines) {
      const path = /^\d+ +(?:open|openat|openat2|creat)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
      const writes = /^\d+ +creat\(|O_WRONLY|O_RDWR|O_CREAT/.test(line);
      if (path !== undefined && !ofSystem.test(path) && !written.has(path))
        (writes ? written : opened).add(path);
      if (/^\d+ +(socket|connect|sendto)\(/.test(line) && !line.includes("AF_UNIX")) network.push(line);
    }
    await writeFile(folder.file(`traces/${name}`), "");
  }
  return { opened: [...opened].sort(), written: [...written].sort(), network };
}

test("each playlist is refused as one, and the server is not asked", async () => {
  const engine = await createNativeEngine();
  for (const name of lists.keys()) {
    const reason = name === "lines.mp4" ? "not-a-video" : "playlist";
    await expect(engine.probe({ kind: "file", path: inputs(name) })).rejects.toMatchObject({
      reason,
      skipped: true,
    });
  }
  expect(requests).toEqual([]);
});

const obstacle = whyNoTrace();
if (obstacle !== undefined) {
  test(`system calls are not watched: ${obstacle}`, () => {
    console.log(`containment: what ffmpeg opens was not watched, as strace does not run here: ${obstacle}`);
    expect(obstacle).not.toBe("");
  });
} else {
  describe("watched by strace", () => {
    test("a playlist opens nothing but itself, and no connection is tried", async () => {
      const engine = await createNativeEngine({
        ffmpeg: await traced("ffmpeg"),
        ffprobe: await traced("ffprobe"),
      });
      await takeTrace();
      for (const name of lists.keys()) {
        const source = { kind: "file", path: inputs(name) } as const;
        await expect(engine.probe(source)).rejects.toThrow();
        expect(await takeTrace()).toEqual({ opened: [inputs(name)], written: [], network: [] });
      }
    });

    test("nor would it where a split is made of it without a probe", async () => {
      const engine = await createNativeEngine({ ffmpeg: await traced("ffmpeg") });
      const info = await engine.probe({ kind: "file", path: bait() });
      await takeTrace();
      const spans = [{ startSeconds: 0, endSeconds: 2 }];
      for (const name of ["ffconcat absolute.mp4", "dash local.mp4", "hls http.mp4"]) {
        const source = { kind: "file", path: inputs(name) } as const;
        await expect(splitAll(engine, source, info, spans)).rejects.toThrow();
        expect(await takeTrace()).toEqual({ opened: [inputs(name)], written: [], network: [] });
      }
      expect(requests).toEqual([]);
    });

    test("a video opens itself and the clips that are being made", async () => {
      const engine = await createNativeEngine({
        ffmpeg: await traced("ffmpeg"),
        ffprobe: await traced("ffprobe"),
      });
      await takeTrace();
      const source = { kind: "file", path: bait() } as const;
      const info = await engine.probe(source);
      const spans = [0, 1].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 1 }));
      const { clips } = await splitAll(engine, source, info, spans);
      expect(clips).toHaveLength(2);
      const written = ["clip_000000.mp4", "clip_000001.mp4"];
      expect(await takeTrace()).toEqual({ opened: [bait()], written, network: [] });
    });

    test("the bait is one: without the guards it is opened, and the server asked", async () => {
      const program = await traced("ffprobe");
      const look = async (name: string, ...args: string[]): Promise<string[]> => {
        await takeTrace();
        const all = ["-v", "quiet", ...args, "-show_packets", inputs(name)];
        await promisify(execFile)(program, all).catch(() => undefined);
        return (await takeTrace()).opened;
      };
      expect(await look("ffconcat relative.mp4")).toContain(bait());
      await look("hls http.mp4", "-protocol_whitelist", "file,http,tcp");
      expect(requests).toContain("/hls.ts");
    });
  });
}
