// package.json and deno.json say the same, and what they promise is there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clipsieveVersion } from "../../src/version.ts";
import { filesBelow, readText, root } from "./tree.ts";

type Target = string | { readonly [condition: string]: Target };
interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

const npm = JSON.parse(readText("package.json")) as Manifest;
const deno = JSON.parse(readText("deno.json")) as Pick<Manifest, "version" | "license"> & {
  readonly exports: Readonly<Record<string, string>>;
};

function leaves(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(leaves);
}
const sourceOf = (built: string): string =>
  built.replace(/^(\.\/)?dist\//, "").replace(/\.d\.ts$|\.js$/, ".ts");

describe("package.json and deno.json", () => {
  test("export the same keys", () => {
    expect(Object.keys(npm.exports)).toEqual(Object.keys(deno.exports));
  });

  test("have one version and licence, and the program knows it", () => {
    expect(deno.version).toBe(npm.version);
    expect(clipsieveVersion).toBe(npm.version);
    expect(deno.license).toBe(npm.license);
  });

  test("every export and command is built from a file of src", () => {
    const targets = [...Object.values(npm.exports).flatMap(leaves), ...Object.values(npm.bin)];
    const sources = [...targets.map(sourceOf), ...Object.values(deno.exports)];
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("each default of package.json is the built form of deno.json's file", () => {
    for (const [key, target] of Object.entries(npm.exports)) {
      const usual = typeof target === "string" ? target : target.default;
      expect(sourceOf(usual as string), key).toBe(deno.exports[key]?.slice(2));
    }
  });

  test("types come first among the conditions", () => {
    const disorder = (target: Target): boolean => {
      if (typeof target === "string") return false;
      const conditions = Object.keys(target).filter((name) => typeof target[name] === "string");
      return (conditions.length > 0 && conditions[0] !== "types") || Object.values(target).some(disorder);
    };
    expect(Object.keys(npm.exports).filter((key) => disorder(npm.exports[key]!))).toEqual([]);
  });

  test("versions of packages are exact", () => {
    const all = { ...npm.dependencies, ...npm.optionalDependencies, ...npm.devDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
      [],
    );
  });

  test("ARCHITECTURE.md gives the reason for every dependency", () => {
    const text = readText("ARCHITECTURE.md");
    const names = Object.keys({ ...npm.dependencies, ...npm.optionalDependencies });
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });

  test("the lock names no registry host", () => {
    expect(readText("package-lock.json")).not.toContain('"resolved": "http');
  });
});

describe("documents", () => {
  const pages = filesBelow(["."], ".md").filter(
    (path) => !path.startsWith("models/") || path === "models/README.md",
  );

  test("npm scripts that they name exist", () => {
    const named = pages.flatMap((page) =>
      [...readText(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script = ""]) => ({ page, script })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ script }) => npm.scripts[script] === undefined)).toEqual([]);
  });

  test("links to files of the repository lead somewhere", () => {
    const links = pages.flatMap((page) =>
      [...readText(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link = ""]) => ({
        page,
        link,
      })),
    );
    expect(links.filter(({ page, link }) => !existsSync(join(root, page, "..", link)))).toEqual([]);
  });
});
