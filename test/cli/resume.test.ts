import { type ChildProcess, execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  clipsieve,
  filesOf,
  makeVideo,
  recordOf,
  start,
  temporaryFolder,
  timesOf,
  until,
} from "./command_line.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const split = (videos: string, output: string, ...more: string[]): string[] => [
  ...["split", "--video-dir", at(videos), "--output-path", at(output), "--fixed-stride-split-duration", "2"],
  ...["--no-generate-embeddings", ...more],
];

beforeAll(() => {
  makeVideo(at("videos/a.mp4"), { seconds: 5 });
  makeVideo(at("videos/b.mp4"), { seconds: 4, source: "smptebars" });
  // Restless pictures take an encoder long enough to be met at work.
  makeVideo(at("long/cells.mp4"), { seconds: 24, source: "life", size: "320x240", rate: 15 });
});
afterAll(() => folder.remove());

const clipCount = (output: string): number =>
  existsSync(at(output, "clips"))
    ? readdirSync(at(output, "clips")).filter((name) => name.endsWith(".mp4")).length
    : 0;

/** Processes whose command line or working folder has to do with a run. */
function decodersOf(child: ChildProcess): string[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(at("long")) && !line.includes(` ${child.pid} `));
}

describe("a finished run that is repeated", () => {
  test("changes no byte and no time, and needs no ffmpeg", async () => {
    const args = [
      "run",
      "--video-dir",
      at("videos"),
      "--output-path",
      at("whole"),
      "--fixed-stride-split-duration",
      "2",
    ];
    expect((await clipsieve(args)).code).toBe(0);
    const [before, times] = [filesOf(at("whole")), timesOf(at("whole"))];
    expect([...before.keys()].filter((name) => name.endsWith(".tar"))).toEqual(["wds/00000.tar"]);
    const nowhere = {
      CLIPSIEVE_FFMPEG: "/nowhere/ffmpeg",
      CLIPSIEVE_FFPROBE: "/nowhere/ffprobe",
      PATH: "/nowhere",
    };
    const again = await clipsieve(args, { env: nowhere });
    expect(again.stderr).toContain("split: 2 of 2 videos finished earlier, nothing to do");
    expect([again.code, timesOf(at("whole"))]).toEqual([0, times]);
    expect(filesOf(at("whole"))).toEqual(before);
  });
});

describe("what changed is done again, and nothing of before stays", () => {
  const fresh = async (videos: string, output: string, ...more: string[]): Promise<Map<string, Buffer>> => {
    expect((await clipsieve(split(videos, output, ...more))).code).toBe(0);
    return filesOf(at(output));
  };

  test("another option, an output cut short or deleted, another video under the same name", async () => {
    mkdirSync(at("changing"));
    for (const name of ["a.mp4", "b.mp4"]) copyFileSync(at("videos", name), at("changing", name));
    const three = ["--fixed-stride-split-duration", "3"];
    await fresh("changing", "changed");
    const wanted = await fresh("changing", "wanted", ...three);
    expect(await fresh("changing", "changed", ...three)).toEqual(wanted);

    const [clip, other] = [...wanted.keys()].filter((name) => name.startsWith("clips/"));
    truncateSync(at("changed", clip!), 100);
    rmSync(at("changed", other!));
    expect(await fresh("changing", "changed", ...three)).toEqual(wanted);

    copyFileSync(at("changing/b.mp4"), at("changing/a.mp4"));
    const replaced = await fresh("changing", "changed", ...three);
    expect(replaced).toEqual(await fresh("changing", "wanted", ...three, "--overwrite"));
    expect(replaced).not.toEqual(wanted);
  });
});

describe("a run that is killed", () => {
  test("leaves nothing behind once another one ran, with other options too", async () => {
    const { child, finished } = start(split("long", "killed", "--transcode-encoder-threads", "1"));
    await until(() => clipCount("killed") > 1);
    child.kill("SIGKILL");
    await finished;
    expect(existsSync(at("killed/run.json"))).toBe(false);
    const options = ["--fixed-stride-split-duration", "9", "--limit-clips", "1"];
    const { code, stderr } = await clipsieve(split("long", "killed", ...options));
    expect(stderr).toContain(`The run before was killed (process ${child.pid})`);
    expect(code).toBe(0);
    await clipsieve(split("long", "undisturbed", ...options));
    expect(filesOf(at("killed"))).toEqual(filesOf(at("undisturbed")));
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`-${child.pid}-`))).toEqual([]);
  });
});

describe("Ctrl-C", () => {
  test("ends a run with 130 within five seconds, and its ffmpeg; the same command then completes it", async () => {
    const { child, finished } = start(split("long", "stopped", "--json"));
    await until(() => clipCount("stopped") > 0);
    const began = Date.now();
    child.kill("SIGINT");
    const { code, stdout, stderr } = await finished;
    expect(code).toBe(130);
    expect(Date.now() - began).toBeLessThan(5000);
    expect(decodersOf(child)).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "interrupted" });
    expect(stderr).toContain("go on where it stopped");
    const { status, inputs } = recordOf(at("stopped"));
    expect([status, inputs[0]?.status, inputs[0]?.reason]).toEqual(["interrupted", "failed", "interrupted"]);
    expect([...filesOf(at("stopped")).keys()]).toEqual([]);

    const limited = ["--limit-clips", "1"];
    expect((await clipsieve(split("long", "stopped", ...limited))).code).toBe(0);
    expect(recordOf(at("stopped"))).toMatchObject({
      status: "ok",
      message: null,
      inputs: [{ status: "ok", clips: 1 }],
    });
  });

  test("pressed twice ends at once, and its ffmpeg too", async () => {
    const { child, finished } = start(split("long", "twice"));
    await until(() => clipCount("twice") > 0);
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect((await finished).code).toBe(130);
    await until(() => decodersOf(child).length === 0);
  });
});

describe("a terminal that is closed", () => {
  test("ends a run in order and with 130, and its ffmpeg", async () => {
    const { child, finished } = start(split("long", "hung up"));
    await until(() => clipCount("hung up") > 0);
    child.kill("SIGHUP");
    child.kill("SIGHUP");
    expect((await finished).code).toBe(130);
    expect(decodersOf(child)).toEqual([]);
    expect(recordOf(at("hung up")).status).toBe("interrupted");
  });
});

describe("two runs on one output folder", () => {
  test("the second ends at once and says who works there; the first is not disturbed", async () => {
    const { child, finished } = start(split("long", "shared", "--limit-clips", "4"));
    await until(() => existsSync(at("shared/.clipsieve/lock")));
    const second = await clipsieve(split("long", "shared"));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`is working there`);
    expect(second.stderr).toContain(`process ${child.pid} `);
    expect((await finished).code).toBe(0);
    expect(existsSync(at("shared/.clipsieve/lock"))).toBe(false);
  });

  test("the lock of a process that is gone is taken over, and its half written files are swept", async () => {
    const gone = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
    const half = `.${crypto.randomUUID()}.tmp`;
    for (const below of ["stale/.clipsieve", "stale/clips", "stale/notes"])
      mkdirSync(at(below), { recursive: true });
    for (const below of ["stale", "stale/clips", "stale/notes"]) writeFileSync(at(below, half), "half");
    writeFileSync(at("stale/clips/mine.tmp"), "of the user");
    const lock = { pid: gone, host: hostname(), started: null, token: "of the dead" };
    writeFileSync(at("stale/.clipsieve/lock"), JSON.stringify(lock));
    expect((await clipsieve(split("videos", "stale", "--limit-clips", "1"))).code).toBe(0);
    const left = [...filesOf(at("stale")).keys()].filter((name) => name.endsWith(".tmp"));
    // Folders that clipsieve does not write into are not looked at.
    expect(left.sort()).toEqual(["clips/mine.tmp", `notes/${half}`]);
  });
});
