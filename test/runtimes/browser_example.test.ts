import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { servePage } from "../../examples/browser/serve.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { fast, ffmpeg, picture, tone } from "../media/generated_videos.ts";
import { openChromium } from "./browser.ts";

let folder: TempFolder;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
});
afterAll(() => folder.remove());

test("examples/browser finds near-duplicates among picked videos, one of which only ffmpeg reads", {
  timeout: 120_000,
}, async () => {
  const [mp4, avi, text] = ["a.mp4", "b.avi", "c.mp4"].map((name) => folder.file(name)) as [
    string,
    string,
    string,
  ];
  await ffmpeg(...picture("160x96", "25", 2), ...tone(2), ...fast, "-c:a", "aac", mp4);
  await ffmpeg("-i", mp4, "-c:v", "mpeg4", "-q:v", "3", "-c:a", "libmp3lame", avi);
  await folder.write("c.mp4", "no video at all");
  const page = await servePage(0);
  const browser = await openChromium(existsSync);
  try {
    const tab = await browser.newPage();
    const asked: string[] = [];
    tab.on("request", (request) => asked.push(request.url()));
    await tab.goto(page.url);
    await tab.setInputFiles("#videos", [mp4, avi, text]);
    const status = tab.locator("#status");
    await expect.poll(() => status.textContent(), { timeout: 100_000, interval: 200 }).not.toBe("Working");
    expect(await status.textContent()).toMatch(/^2 clips, 1 near-duplicates\. Cannot read a video .*c\.mp4/);
    const notes = await tab.locator("#clips li").allTextContents();
    expect(notes).toEqual(["unique", expect.stringMatching(/^near-duplicate of /)]);
    const playable = await tab
      .locator("#clips video")
      .evaluateAll((videos) =>
        Promise.all((videos as HTMLVideoElement[]).map((video) => video.play().then(() => video.videoWidth))),
      );
    expect(playable).toEqual([160, 160]);
    expect(asked.filter((url) => !url.startsWith(page.url) && !url.startsWith("blob:"))).toEqual([]);
  } finally {
    await browser.close();
    page.close();
  }
});
