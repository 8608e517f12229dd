// Rules about the text of files: their length, their first lines, no test set aside, nothing of one person's machine.
import { describe, expect, test } from "vitest";
import { filesBelow, readText } from "./tree.ts";

const folders = ["src", "shaders", "test", "bench", "examples", "models", ".ci"];
const generated = "src/generated/";
const written = filesBelow(folders, ".ts").filter((path) => !path.startsWith(generated));
const shaders = filesBelow(["shaders"], ".wgsl");
const longestFile = 450;

describe("files", () => {
  test(`none is longer than ${longestFile} lines`, () => {
    const long = [...written, ...shaders]
      .map((path) => ({ path, lineCount: readText(path).split("\n").length - 1 }))
      .filter(({ lineCount }) => lineCount > longestFile);
    expect(long).toEqual([]);
  });

  test("each opens with what it is; a test says so in its titles", () => {
    const opening = /^(#!.*\n)?\/\/ \S/;
    expect(
      [...written, ...shaders].filter((path) => !path.endsWith(".test.ts") && !opening.test(readText(path))),
    ).toEqual([]);
  });

  test("none of src has a name that says nothing", () => {
    expect(
      written.filter((path) => /^src\/(.*\/)?(utils?|helpers?|common|misc)(\.ts$|\/)/.test(path)),
    ).toEqual([]);
  });

  test("no promise to do it later is left in the code", () => {
    const promise = new RegExp(
      `\\b(${["TO", "FIX", "X"].map((head, index) => head + ["DO", "ME", "XX"][index]).join("|")})\\b`,
    );
    expect([...written, ...shaders].filter((path) => promise.test(readText(path)))).toEqual([]);
  });

  test("none names a folder of the machine it was written on", () => {
    const all = [".ts", ".mjs", ".json", ".md", ".wgsl", ".yaml", ".yml"].flatMap((suffix) =>
      filesBelow(["."], suffix),
    );
    const ownPath = new RegExp(
      ["/(work|root|home/\\w+|Users/\\w+)/(main|shared|\\.npm|\\.cache)\\b"].join(""),
    );
    expect(all.filter((path) => ownPath.test(readText(path)))).toEqual([]);
  });
});

describe("tests", () => {
  test("none is set aside, and none runs alone", () => {
    const setAside =
      /\b(?:describe|test|it|suite)\s*\.\s*(?:skip|only|todo|skipIf|runIf|fails)\b|\bcontext\.skip\(|\bx(?:it|describe)\(/;
    expect(filesBelow(["test"], ".ts").filter((path) => setAside.test(readText(path)))).toEqual([]);
  });
});
