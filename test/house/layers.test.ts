// The layers of ARCHITECTURE.md, proved on the imports of src: none goes upward, domains know nothing of each other, and
// the outside world (files, processes, the GPU) is reached from one folder each.
import { describe, expect, test } from "vitest";
import { filesBelow, importsOf, readText, withoutComments } from "./tree.ts";

const layers: readonly (readonly string[])[] = [
  ["errors", "limits", "types", "pixel_layout", "version", "generated"],
  ["gpu", "media", "io", "onnx"],
  ["kernels"],
  ["video", "embed", "dedup", "export", "report"],
  ["stages"],
  ["pipeline"],
  // Each joins the engines of its surroundings to the pipeline; the command line and the entries start from them.
  ["node_runtime", "web_runtime"],
  ["cli"],
];
const domains = new Set(layers[3]);
/** What package.json's `exports` point at: each only gathers what others wrote. */
const entries = new Set(["src/mod.ts", "src/node.ts", "src/kernels.ts", "src/reference.ts"]);
const modules = filesBelow(["src"], ".ts");

/** "gpu" for src/gpu/device.ts, "errors" for src/errors.ts. */
const areaOf = (path: string): string => path.split("/")[1]!.replace(/\.ts$/, "");
const layerOf = (path: string): number => layers.findIndex((areas) => areas.includes(areaOf(path)));
const edges = modules.flatMap((from) =>
  importsOf(from).flatMap(({ path }) => (path === undefined ? [] : [{ from, to: path }])),
);
const show = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  `${from} imports ${to}`;

describe("layers of src", () => {
  test("every folder and file of src has a layer", () => {
    const strays = modules.filter(
      (path) => !entries.has(path) && areaOf(path) !== "reference" && layerOf(path) < 0,
    );
    expect(strays).toEqual([]);
    expect(edges.length).toBeGreaterThan(50);
  });

  test("imports name files that exist", () => {
    const known = new Set(modules);
    expect(edges.filter(({ to }) => to.startsWith("src/") && !known.has(to)).map(show)).toEqual([]);
  });

  test("src imports nothing from outside src, but that `clipsieve bench` starts the bench suite", () => {
    const outward = edges.filter(({ to }) => !to.startsWith("src/"));
    expect(outward.map(show)).toEqual(["src/cli/bench.ts imports bench/run.ts"]);
  });

  test("no import goes upward", () => {
    const layered = edges.filter(({ from }) => !entries.has(from) && areaOf(from) !== "reference");
    const upward = layered.filter(({ from, to }) => !entries.has(to) && layerOf(to) > layerOf(from));
    expect(upward.map(show)).toEqual([]);
  });

  test("domains know nothing of each other", () => {
    const crossing = edges.filter(
      ({ from, to }) => domains.has(areaOf(from)) && domains.has(areaOf(to)) && areaOf(from) !== areaOf(to),
    );
    expect(crossing.map(show)).toEqual([]);
  });

  test("entries are imported by entries only", () => {
    expect(edges.filter(({ from, to }) => entries.has(to) && !entries.has(from)).map(show)).toEqual([]);
  });

  test("the reference stands alone: src never uses it, and it uses the vocabulary only", () => {
    const inReference = (path: string): boolean => path.startsWith("src/reference/");
    const used = edges.filter(
      ({ from, to }) => inReference(to) && !inReference(from) && from !== "src/reference.ts",
    );
    const uses = edges.filter(({ from, to }) => inReference(from) && !inReference(to) && layerOf(to) !== 0);
    expect([...used, ...uses].map(show)).toEqual([]);
  });
});

describe("doors to the outside", () => {
  const doors: readonly {
    readonly what: string;
    readonly specifiers: readonly string[];
    readonly area: string;
  }[] = [
    { what: "files", specifiers: ["node:fs", "node:fs/promises", "fs", "fs/promises"], area: "io" },
    { what: "processes", specifiers: ["node:child_process", "child_process"], area: "media" },
    { what: "Dawn", specifiers: ["webgpu"], area: "gpu" },
    { what: "transformers.js", specifiers: ["@huggingface/transformers"], area: "onnx" },
  ];

  test.each(doors)("$what are reached from src/$area only", ({ specifiers, area }) => {
    const elsewhere = modules.filter(
      (path) =>
        areaOf(path) !== area && importsOf(path).some(({ specifier }) => specifiers.includes(specifier)),
    );
    expect(elsewhere).toEqual([]);
  });

  test("navigator.gpu is touched in src/gpu only", () => {
    const touches = /\bnavigator\b\s*(?:as[^)]*\))?\s*\??\.\s*gpu\b|\brequestAdapter\s*\(/;
    const withoutTexts = (path: string): string =>
      withoutComments(readText(path)).replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
    expect(modules.filter((path) => areaOf(path) !== "gpu" && touches.test(withoutTexts(path)))).toEqual([]);
  });
});
