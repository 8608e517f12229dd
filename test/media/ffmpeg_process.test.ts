// Processes that misbehave are ended, with all their children; what they print is kept in bounds.
import { execFile } from "node:child_process";
import { chmod, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InputError, InterruptedError, MediaEngineError } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { FfmpegProcess, type ProcessRequest, runForText } from "../../src/media/native/ffmpeg_process.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { openMediaEngine } from "../../src/media/open_media_engine.ts";
import { fast, ffmpeg, picture, splitAll } from "./generated_videos.ts";

let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
});
afterAll(() => folder.remove());

/** A stand-in for ffmpeg: a shell script. */
async function script(name: string, body: string): Promise<string> {
  await folder.write(name, `#!/bin/sh\n${body}\n`);
  await chmod(folder.file(name), 0o755);
  return folder.file(name);
}

function request(binary: string, more: Partial<ProcessRequest> = {}): ProcessRequest {
  return { binary, args: [], limits: { idleSeconds: 20, wallSeconds: 20 }, subject: "v.mp4", ...more };
}

/** Whether a process still runs; one that has ended and waits to be collected does not. */
async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

test("a stop request ends the process and its children", async () => {
  const pidFile = folder.file("pid");
  const binary = await script("sleeper", `sleep 60 & echo $! > '${pidFile}'; echo ready; wait`);
  const stop = new AbortController();
  const child = new FfmpegProcess(request(binary, { signal: stop.signal }));
  for await (const line of child.lines(1)) {
    expect(line).toBe("ready");
    stop.abort();
  }
  await expect(child.end()).rejects.toThrow(InterruptedError);
  await expect.poll(async () => isRunning(Number(await readFile(pidFile, "utf8")))).toBe(false);
});

test("a stop request made before ends it as well", async () => {
  const binary = await script("sleeper2", "sleep 60");
  await expect(runForText(request(binary, { signal: AbortSignal.abort() }))).rejects.toThrow(
    InterruptedError,
  );
});

test("silence is ended, slow taking is not", async () => {
  const silent = await script("silent", "sleep 60");
  const failure = runForText(request(silent, { limits: { idleSeconds: 0.3, wallSeconds: 20 } }));
  await expect(failure).rejects.toThrow(InputError);
  await expect(failure).rejects.toMatchObject({
    reason: "timeout",
    message: expect.stringMatching(/0\.3 s: v\.mp4/),
  });

  const patient = await script("patient", "echo one");
  const child = new FfmpegProcess(request(patient, { limits: { idleSeconds: 0.3, wallSeconds: 20 } }));
  const pause = () => child.whileBusy(() => new Promise((resolve) => setTimeout(resolve, 800)));
  const [end] = await Promise.all([child.end(), pause()]);
  expect(end.code).toBe(0);
});

test("endless talk is ended by the wall time", async () => {
  const talker = await script("talker", "while :; do echo x; sleep 0.05; done");
  const run = runForText(request(talker, { limits: { idleSeconds: 10, wallSeconds: 0.6 } }));
  await expect(run).rejects.toMatchObject({ reason: "timeout" });
});

test("a flood of messages is kept in bounds, first and last lines included", async () => {
  const flood = await script(
    "flood",
    "echo '[error] first' >&2; yes '[error] again' | head -c 4000000 >&2; echo '[error] last' >&2; exit 7",
  );
  const { code, errorText, errorCount } = await runForText(request(flood));
  expect(code).toBe(7);
  expect(errorText.length).toBeLessThan(32_768);
  expect(errorText).toMatch(/^\[error\] first/);
  expect(errorText).toMatch(/\[error\] last\n$/);
  expect(errorCount).toBeGreaterThan(280_000);
});

test("a missing, foreign or old ffmpeg is refused with the remedy", async () => {
  const missing = createNativeEngine({ ffmpeg: folder.file("none"), ffprobe: "ffprobe" });
  await expect(missing).rejects.toThrow(MediaEngineError);
  await expect(missing).rejects.toThrow(/apt-get install ffmpeg.*CLIPSIEVE_FFMPEG/);
  const foreign = await script("foreign", "echo hello");
  await expect(createNativeEngine({ ffmpeg: foreign })).rejects.toThrow(/does not answer like ffmpeg/);
  const old = await script("old", "echo 'ffmpeg version 4.3.6-0+deb11u1 Copyright'");
  await expect(createNativeEngine({ ffmpeg: old })).rejects.toThrow(/older than 5\.1: 4\.3\.6/);
});

test("one named by a relative path works from any folder", async () => {
  await script("elsewhere", 'exec ffmpeg "$@"');
  const before = process.cwd();
  process.chdir(folder.path);
  const engine = await createNativeEngine({ ffmpeg: "./elsewhere" }).finally(() => process.chdir(before));
  const source = { kind: "file", path: folder.file("tiny.mp4") } as const;
  await ffmpeg(...picture("64x64", "10", 1), ...fast, source.path);
  const span = { startSeconds: 0, endSeconds: 1 };
  const { clips } = await splitAll(engine, source, await engine.probe(source), [span]);
  expect(clips).toHaveLength(1);
});

test("without ffmpeg its WebAssembly build is taken, unless native was asked for", async () => {
  const none = folder.file("none");
  const engine = await openMediaEngine({ ffmpeg: none });
  expect(engine.version).toMatch(/wasm/);
  await expect(openMediaEngine({ ffmpeg: none, prefer: "native" })).rejects.toThrow(MediaEngineError);
  expect((await openMediaEngine()).version).toMatch(/^ffmpeg n?\d/);
});

test("encoders are tried for real, and only once", async () => {
  const calls = folder.file("calls");
  const counting = await script("counting", `echo x >> '${calls}'; exec ffmpeg "$@"`);
  const engine = await createNativeEngine({ ffmpeg: counting });
  const infos = await engine.encoders(["libx264", "no-such-encoder", "libx264"]);
  expect(infos.map(({ works }) => works)).toEqual([true, false, true]);
  expect(infos[1]?.reason).toMatch(/Unknown encoder/);
  await engine.encoders(["libx264"]);
  // One call asks for the version.
  expect((await readFile(calls, "utf8")).trim().split("\n")).toHaveLength(3);
});

test("an encoder that makes no key frame where one is asked for does not work", async () => {
  // As libsvtav1 does, which not every ffmpeg has.
  const ignoring = await script(
    "ignoring",
    [
      'for arg; do shift; case "$skip$arg" in -force_key_frames) skip=+ ;; +*) skip= ;; *) set -- "$@" "$arg" ;; esac; done',
      'exec ffmpeg "$@"',
    ].join("\n"),
  );
  const engine = await createNativeEngine({ ffmpeg: ignoring });
  expect(await engine.encoders(["libx264"])).toEqual([
    { name: "libx264", works: false, reason: "it makes no key frame where one is asked for" },
  ]);
});

test("what fails after ffmpeg has ended is told, too", async () => {
  const child = new FfmpegProcess(request(await script("quick", "exit 0")));
  const fails = async (): Promise<void> => {
    await child.end();
    throw new Error("the disk is full");
  };
  await expect(child.end([fails()])).rejects.toThrow("the disk is full");
});

test("a process without descriptors left says so, with the remedy", async () => {
  const module = new URL("../../src/media/native/ffmpeg_process.ts", import.meta.url);
  const limits = '{ idleSeconds: 9, wallSeconds: 9 }, subject: "v.mp4"';
  const code = `import { closeSync, openSync } from "node:fs";
    import { runForText } from "${module}";
    const open = [];
    try { for (;;) open.push(openSync("/dev/null")); } catch {}
    const outcome = await runForText({ binary: "ffprobe", args: [], limits: ${limits} }).catch(String);
    open.forEach((descriptor) => closeSync(descriptor));
    console.log(outcome);`;
  await folder.write("exhausted.mjs", code);
  const run = `ulimit -n 64; exec '${process.execPath}' --no-warnings '${folder.file("exhausted.mjs")}'`;
  const { stdout } = await promisify(execFile)("sh", ["-c", run]);
  expect(stdout).toMatch(
    /^MediaEngineError: Cannot start ffprobe as too many files are open\. Raise .*`ulimit -n`, or lower --concurrency/,
  );
});
